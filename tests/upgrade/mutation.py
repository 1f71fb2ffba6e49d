"""A mutation: a change to a copy of the charts, and what the upgrade check must report about it.

`breakages.yaml` lists changes that broke upgrades of other projects, `harmless.yaml` changes that
break nothing. An entry names the changes of the new version, and those of both versions below
`both`:

    changes:
      - {template: PATH, patch: {…}}   merges a patch over the object that a template renders
      - {define: NAME, patch: {…}}     merges a patch over the YAML that a named template renders
      - {file: PATH, patch: {…}}       merges a patch over a file of YAML or JSON
      - {file: PATH, replace: {OLD: NEW}}  replaces text in a file
      - {file: PATH, text: …}          writes a file

Paths begin in `charts/`. Null in a patch deletes. `-VERSION` stands for the version of the charts.
"""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from tests.check.mutation import patch_define, patch_file, patch_template, write_text

from carbon.charts.discovery import read_chart
from carbon.home import ROOT

Change = Mapping[str, Any]


@dataclass(frozen=True)
class Mutation:
    """A change to the charts, and the finding that the upgrade check must report."""

    id: str
    """What changes."""
    source: str
    """The issue of another project that reports the breakage."""
    changes: tuple[Change, ...]
    chart: str = "mlflow"
    values: str = ""
    """The CI values file, by its stem; empty for the default values."""
    rule: str = ""
    subject: str = ""
    """The object as Kind/name, a Job without its hash, or the chart."""
    field: str = ""
    both: tuple[Change, ...] = ()
    reverse: bool = False
    fields: tuple[str, ...] = ()
    """Several fields that are reported, in place of `field`."""

    def __str__(self) -> str:
        """Return the name of the test."""
        return self.id

    @property
    def wanted(self) -> set[tuple[str, str, str]]:
        """Rule, subject and field of the findings that are required."""
        return {(self.rule, self.subject, each) for each in self.fields or (self.field,)}


def read_mutations(name: str) -> list[Mutation]:
    """Return the mutations of a file beside this module."""
    text = (Path(__file__).parent / name).read_text("utf-8")
    version = read_chart(ROOT / "umbrella").meta["version"]
    listed = yaml.safe_load(text.replace("-VERSION", f"-{version}"))
    return [
        Mutation(**entry | {key: tuple(entry[key]) for key in _LISTS & entry.keys()})
        for entry in listed
    ]


_LISTS = {"changes", "both", "fields"}


def apply_changes(changes: tuple[Change, ...], root: Path) -> None:
    """Apply changes to a copy of the checkout."""
    for change in changes:
        path = root / "charts" / str(change.get("template") or change.get("file"))
        if "define" in change:
            patch_define(root, change["define"], change["patch"])
        elif "template" in change:
            patch_template(path, change["patch"])
        elif "patch" in change:
            patch_file(path, change["patch"])
        elif "text" in change:
            write_text(path, change["text"])
        else:
            text = path.read_text("utf-8")
            for old, new in change["replace"].items():
                assert old in text, f"{path} does not contain {old}"
                text = text.replace(old, new)
            write_text(path, text)


def build_sides(mutation: Mutation, original: Path, root: Path, folder: Path) -> tuple[Path, Path]:
    """Return the chart of a mutation before and after the upgrade or rollback.

    Args:
        mutation: the change.
        original: an unchanged copy of the checkout.
        root: a copy that is changed.
        folder: an empty folder, for changes of both versions.
    """
    old = original
    if mutation.both:
        old = folder / "old"
        for name in {"common", mutation.chart}:
            chart = Path("charts", name)
            shutil.copytree(original / chart, old / chart, symlinks=True)
        apply_changes(mutation.both, old)
    apply_changes((*mutation.both, *mutation.changes), root)
    before, after = (side / "charts" / mutation.chart for side in (old, root))
    return (after, before) if mutation.reverse else (before, after)
