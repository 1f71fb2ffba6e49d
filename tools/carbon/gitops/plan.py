"""What Argo CD installs: the source of the charts, a profile, and the objects that it renders."""

import re
import tempfile
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from carbon.charts.discovery import UMBRELLA
from carbon.charts.merging import merge
from carbon.charts.render import Object, Render, render_objects
from carbon.charts.values import read_valid_values
from carbon.check.engine.cases import NAMESPACE, RELEASE
from carbon.check.render.apis import list_apis
from carbon.errors import CarbonError
from carbon.gitops.operators import Operator, find_operators
from carbon.gitops.source import Source
from carbon.home import ROOT

QUICKSTART = "quickstart"
"""The profile of the umbrella's own values."""
HOOK = "helm.sh/hook"


@dataclass(frozen=True)
class Plan:
    """What Argo CD installs."""

    source: Source
    apps: Source
    """The Git repository with the Applications."""
    path: str
    """The folder of that repository with the Applications."""
    namespace: str
    files: tuple[str, ...]
    """Values files in the Git repository of the charts, relative to the umbrella."""
    values: dict[str, Any]
    """Values in the Application itself."""
    objects: tuple[Object, ...]
    """The objects that Argo CD syncs: those of the chart without the tests."""
    operators: tuple[Operator, ...]


def list_profiles() -> dict[str, Path | None]:
    """Return the values file of each profile; the quickstart has none."""
    files = sorted((ROOT / "values").glob("*.yaml"))
    return {QUICKSTART: None, **{file.stem: file for file in files}}


def build_plan(
    source: Source,
    profile: str = QUICKSTART,
    values: Sequence[Path] = (),
    *,
    apps: Source | None = None,
    path: str = "gitops/applications",
    namespace: str = NAMESPACE,
    without: Collection[str] = (),
) -> Plan:
    """Render the umbrella with a profile and values files; return what Argo CD installs.

    Without `apps`, the Applications are in the Git repository of the charts.

    Raises:
        CarbonError: an argument is wrong, or a chart refuses the values.
    """
    profiles = list_profiles()
    if profile not in profiles:
        raise CarbonError(
            f"there is no profile {profile}", f"The profiles are {', '.join(profiles)}."
        )
    if source.is_oci and apps is None:
        raise CarbonError(
            "an OCI package can't contain the Applications",
            "Name the Git repository for them: --apps-repository URL --apps-revision BRANCH.",
        )
    if apps and apps.is_oci:
        raise CarbonError(
            f"{apps.url} is an OCI package", "Keep the Applications in a Git repository."
        )
    if not re.fullmatch(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?", namespace):
        raise CarbonError(
            f"{namespace} is not the name of a namespace",
            "Write at most 63 lower-case letters, digits and dashes.",
        )
    if Path(path).is_absolute() or ".." in Path(path).parts:
        raise CarbonError(
            f"{path} is not a folder of the repository", "Write a path such as gitops/applications."
        )
    file = profiles[profile]
    own = merge(*map(read_valid_values, values))
    every = merge(read_valid_values(file) if file else {}, own)
    objects = _render(every, namespace)
    # Argo CD reads no values file for an OCI package.
    inline = every if source.is_oci else own
    return Plan(
        source,
        apps or source,
        path,
        namespace,
        () if source.is_oci or not file else (f"../{file.relative_to(ROOT)}",),
        inline,
        tuple(each for each in objects if HOOK not in (each["metadata"].get("annotations") or {})),
        tuple(find_operators(objects, without)),
    )


def _render(values: dict[str, Any], namespace: str) -> list[Object]:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "values.yaml"
        file.write_text(yaml.safe_dump(values), "utf-8")
        files = (file,) if values else ()
        return render_objects(
            Render(ROOT / UMBRELLA, files, release=RELEASE, namespace=namespace, apis=list_apis())
        )
