"""A mutation: a change to a copy of the checkout, and the one rule that must report the change.

The files in `mutations` list mutations by rule. Each names what it changes by structure:

    pods/probes:
      - template: charts/mlflow/templates/server/deployment.yaml
        patch: {spec: {template: {spec: {containers: [{livenessProbe: null}]}}}}
        line: "- name: mlflow"

`template` patches the object that a template renders, `define` the YAML that a named template
renders, `file` a file of YAML or JSON; `object` adds an object to the chart mlflow; `append` adds
text to the file. A patch is merged: maps by key, lists of maps by position; null deletes. One
finding must name a line that contains `line`, of the changed file or of the file `found`.
"""

import json
import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from tests.check.example import merge

from carbon.charts import merging
from carbon.charts.kubernetes import MINORS
from carbon.check.engine import digests
from carbon.check.engine.cases import Case
from carbon.home import ROOT

COPIED = ("charts", "umbrella", "schemas", "values", "docs")
MUTATIONS = Path(__file__).parent / "mutations"
ORIGINAL = "original."
"""Prefix of the new name of a patched named template, which the mutation includes."""
_DEFINE = re.compile(r"\{\{-?\s*define\s+")
EXTRA = "charts/mlflow/templates/extra/object.yaml"
METADATA = """metadata:
  {{- include "common.metadata" (dict "ctx" $ "app" "mlflow" "component" "extra") | nindent 2 }}
"""


@dataclass(frozen=True)
class Mutation:
    """A change to a copy of the checkout."""

    rule: str
    file: str = ""
    template: str = ""
    define: str = ""
    patch: Mapping[str, Any] = field(default_factory=dict)
    object: Mapping[str, Any] = field(default_factory=dict)
    """An object without metadata."""
    append: str = ""
    line: str = ""
    """Text in the line that a finding names."""
    found: str = ""
    """The file that a finding names; empty for the changed file."""
    chart: str = "mlflow"
    """The chart that is examined."""
    values: str = ""
    """The CI values file, by its stem; empty for the default values."""
    hostile: bool = False
    """True if the chart is rendered with unusual release names."""

    def __str__(self) -> str:
        """Return the rule and the change."""
        change = self.append.strip() or json.dumps(self.patch or self.object)
        return f"{self.rule}: {change[:60]}"

    @property
    def changed(self) -> str:
        """Return the file that changes, from the root; empty for a named template."""
        return EXTRA if self.object else self.template or self.file

    def find_chart(self, root: Path) -> Path:
        """Return the folder of the chart that is examined."""
        return root / ("umbrella" if self.chart == "umbrella" else f"charts/{self.chart}")

    def build_case(self, root: Path) -> Case:
        """Return the case that is examined."""
        folder = self.find_chart(root)
        values = (folder / "ci" / f"{self.values}-values.yaml",) if self.values else ()
        umbrella = self.chart == "umbrella"
        name = "254carbon" if umbrella else self.chart
        return Case(folder, name, values, MINORS, True, umbrella, self.hostile)

    def apply(self, root: Path) -> None:
        """Change the copy."""
        path = root / self.changed
        if self.object:
            append_text(path, METADATA + yaml.dump(dict(self.object)))
        elif self.define:
            patch_define(root, self.define, self.patch)
        elif self.patch:
            (patch_template if self.template else patch_file)(path, self.patch)
        if self.append:
            append_text(path, self.append + "\n")


def read_mutations(name: str) -> Iterator[Mutation]:
    """Yield the mutations of a file, by its stem."""
    listed = yaml.safe_load((MUTATIONS / f"{name}.yaml").read_text("utf-8"))
    for rule, entries in listed.items():
        yield from (Mutation(rule, **entry) for entry in entries)


def patch_file(path: Path, patch: Mapping[str, Any]) -> None:
    """Merge a patch over a file of YAML or JSON."""
    merged = merge(yaml.safe_load(path.read_text("utf-8")), patch)
    is_json = path.suffix == ".json"
    write_text(
        path, json.dumps(merged, indent=2) if is_json else yaml.dump(merged, sort_keys=False)
    )


def append_text(path: Path, text: str) -> None:
    """Append text to a file; a missing file is created."""
    write_text(path, (path.read_text("utf-8") if path.exists() else "") + text)


def patch_template(path: Path, patch: Mapping[str, Any]) -> None:
    """Merge a patch over the object that a template renders; lines keep their numbers.

    Raises:
        ValueError: the file defines named templates; patch one of these instead.
    """
    text = path.read_text("utf-8")
    if _DEFINE.search(text):
        raise ValueError(f"{path} defines named templates: patch one of these with `define`")
    name = ORIGINAL + path.name
    write_text(path, f'{{{{- define "{name}" }}}}{text}{{{{- end }}}}\n{_render(name, patch)}')


def patch_define(root: Path, name: str, patch: Mapping[str, Any]) -> None:
    """Merge a patch over the YAML that a named template renders.

    Raises:
        LookupError: no chart defines the named template.
    """
    begin = re.compile(rf'{_DEFINE.pattern}"(?={re.escape(name)}")')
    for path in sorted((root / "charts").glob("*/templates/**/*")):
        text = path.read_text("utf-8") if path.is_file() else ""
        if begin.search(text):
            renamed = begin.sub(rf"\g<0>{ORIGINAL}", text)
            body = _render(ORIGINAL + name, patch)
            write_text(path, f'{renamed}\n{{{{- define "{name}" }}}}{body}{{{{- end }}}}\n')
            return
    raise LookupError(f"no chart defines {name}")


def _render(name: str, patch: Mapping[str, Any]) -> str:
    """Return a template that renders the YAML of a named template with a patch."""
    lines = [f'{{{{- with include "{name}" . | fromYaml }}}}']
    for (*path, last), value in _list_leaves(patch):
        steps = " ".join(json.dumps(step) for step in path)
        at = f"(index . {steps})" if path else "."
        change = f"unset {at} {json.dumps(last)}"
        if value is not None:
            given = f'(get (fromJson `{json.dumps({"value": value})}`) "value")'
            change = f"set {at} {json.dumps(last)} {given}"
        lines.append(f"{{{{- $_ := {change} }}}}")
    return "\n".join([*lines, "{{- toYaml . }}", "{{- end }}", ""])


def _list_leaves(patch: Any) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Yield the path and value of each field that a patch sets; an empty map sets none."""
    if isinstance(patch, Mapping):
        entries: Iterator[tuple[Any, Any]] = iter(patch.items())
    elif isinstance(patch, list) and patch and isinstance(patch[0], Mapping):
        entries = iter(enumerate(patch))
    else:
        yield (), patch
        return
    for key, value in entries:
        yield from (((key, *path), leaf) for path, leaf in _list_leaves(value))


def write_text(path: Path, text: str) -> None:
    """Write a file of a copy, without a change to other copies that link to the same file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    path.write_text(text, "utf-8")
    digests.clear_caches()
    merging.forget_defaults()


def copy_checkout(to: Path) -> Path:
    """Copy the charts of the checkout, and the files that the check reads beside them."""
    for name in COPIED:
        shutil.copytree(ROOT / name, to / name, symlinks=True)
    shutil.copy(ROOT / "ct.yaml", to)
    shutil.copy(ROOT / ".yamllint.yaml", to)
    return to
