"""API groups of Kubernetes, and the other API versions that renders pass as --api-versions."""

from functools import cache

from carbon.files import read_yaml
from carbon.home import ROOT

CRDS = ROOT / "schemas" / "crds"
OWN_GROUPS = {
    *("", "apps", "autoscaling", "batch", "extensions", "policy"),
    *(
        f"{name}.k8s.io"
        for name in (
            *("admissionregistration", "apiextensions", "apiregistration", "authentication"),
            *("authorization", "certificates", "coordination", "discovery", "events"),
            *("flowcontrol.apiserver", "internal.apiserver", "networking", "node"),
            *("rbac.authorization", "resource", "scheduling", "storage", "storagemigration"),
        )
    ),
}
"""The API groups of Kubernetes; the core group has no name."""


def get_group(api_version: str) -> str:
    """Return the group of an apiVersion, such as apps of apps/v1 and apps/v1/Deployment.

    The group of v1 is empty.
    """
    return api_version.partition("/")[0] if "/" in api_version else ""


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
