"""The API versions that renders announce to charts beside Kubernetes's own."""

from functools import cache

from carbon.files import read_yaml
from carbon.home import ROOT

CRDS = ROOT / "schemas" / "crds"


@cache
def list_apis() -> tuple[str, ...]:
    """Return every API that has a schema in schemas/crds, as group/version and with each kind."""
    kinds = [path.stem.split("_") for path in sorted(CRDS.glob("*.json"))]
    versions = {f"{group}/{version}" for group, _, version in kinds}
    return tuple(sorted(versions | {f"{v}/{kind}" for v in versions for kind in _list_kinds(v)}))


def _list_kinds(version: str) -> list[str]:
    listed = read_yaml(CRDS / "kinds.yaml").values()
    kinds = sorted({kind for module in listed for kind in module.get("kinds") or []})
    group, _, number = version.partition("/")
    return [k for k in kinds if (CRDS / f"{group}_{k.lower()}_{number}.json").exists()]
