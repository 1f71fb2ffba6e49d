"""Assembles the files of a plan, and the examples in docs/gitops."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

from carbon.charts.discovery import UMBRELLA
from carbon.charts.render import Object
from carbon.check.engine.cases import RELEASE
from carbon.files import read_yaml
from carbon.gitops.applications import build_applications, build_root
from carbon.gitops.health import build_settings
from carbon.gitops.plan import QUICKSTART, Plan, build_plan
from carbon.gitops.projects import build_projects
from carbon.gitops.source import Source
from carbon.home import ROOT

EXAMPLES = Path("docs") / "gitops"
REPOSITORY = "https://github.com/254carbon/charts"
REGISTRY = f"oci://ghcr.io/254carbon/charts/{RELEASE}"


class _Dumper(yaml.SafeDumper):
    """Writes YAML as yamllint of this project accepts it."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _write_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style)


_Dumper.add_representer(str, _write_text)


def write_yaml(objects: Iterable[Object]) -> str:
    """Return objects as YAML documents."""
    texts = (
        yaml.dump(each, Dumper=_Dumper, sort_keys=False, width=110, allow_unicode=True)
        for each in objects
    )
    return "---\n".join(texts)


def build_documents(plan: Plan) -> dict[Path, str]:
    """Return path and text of each file of a plan.

    `settings.yaml`, `projects.yaml` and `root.yaml` are applied with kubectl. Argo CD reads the
    folder `applications`.
    """
    files = {
        "settings.yaml": [build_settings()],
        "projects.yaml": build_projects(plan),
        "root.yaml": [build_root(plan)],
        **{f"applications/{name}": [each] for name, each in build_applications(plan).items()},
    }
    return {Path(name): write_yaml(objects) for name, objects in files.items()}


def build_examples(root: Path = ROOT) -> dict[Path, str]:
    """Return path and text of each file of the examples in docs/gitops.

    The profile production is installed from Git, and the quickstart from the package with the
    version of the umbrella, which is that of the newest release.
    """
    git = Source(REPOSITORY, "main")
    package = Source(REGISTRY, read_yaml(root / UMBRELLA / "Chart.yaml")["version"])
    plans = {
        "production": build_plan(
            git, "production", path=str(EXAMPLES / "production" / "applications")
        ),
        QUICKSTART: build_plan(package, apps=git, path=str(EXAMPLES / QUICKSTART / "applications")),
    }
    return {
        root / EXAMPLES / name / file: text
        for name, plan in plans.items()
        for file, text in build_documents(plan).items()
    }
