"""Copies of a chart with changed templates or values, and what Helm renders from them."""

import json
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

from carbon.charts.discovery import Chart, read_chart
from carbon.charts.render import Document, Render, run_template
from carbon.check.engine.checkout import read_render_values
from carbon.check.engine.digests import OF_TESTS, list_files
from carbon.check.render.objects import RenderedObject, list_objects
from carbon.check.sources.templates import SUFFIXES
from carbon.errors import CarbonError

MOST = 150
"""Maximum number of renders for the findings of one case; after it, no field is traced."""


class Copies:
    """Renders a chart with changed templates or values.

    Templates of packaged subcharts (.tgz) do not change.
    """

    def __init__(self, chart: Chart, render: Render) -> None:
        self.chart = chart
        self.renders = 0
        self._render = replace(render, known_good=True)

    @cached_property
    def base(self) -> dict[str, RenderedObject]:
        """The objects of the unchanged chart, by Kind/name."""
        return self.render() or {}

    def list_templates(self, source: str) -> list[Path]:
        """Return the template files that a template can include.

        These are the files of its chart and of subcharts, and the named templates of the parent.

        `source` is the template as Helm names it.
        """
        *folders, _ = source.partition("/")[2].rpartition("templates/")
        folder = self.chart.folder / folders[0] if folders else self.chart.folder
        inside = (path.relative_to(folder) for path in list_files(folder))
        paths = [p for p in inside if "templates" in p.parts and p.suffix in SUFFIXES]
        own = sorted(self.chart.folder.glob("templates/**/_*"))
        return list(dict.fromkeys((folder / p).resolve() for p in [*paths, *own]))

    def render(
        self, texts: Mapping[Path, str | None] | None = None, values: Any = None
    ) -> dict[str, RenderedObject] | None:
        """Return the objects with changed files and values; None if Helm refuses to render.

        A file whose text is None is left out.
        """
        documents = self._run(texts or {}, {}, values)
        try:
            return None if documents is None else _name(list_objects(documents))
        except ValueError:
            return None

    def is_accepted(self, texts: Mapping[Path, str | None]) -> bool:
        """Return whether Helm and the schemas accept the values with changed files."""
        return self._run(texts, {}, None, known_good=False) is not None

    def compute_values(self, texts: Mapping[Path, str | None]) -> dict[str, Any]:
        """Return all values of the render with changed files."""
        with tempfile.TemporaryDirectory(prefix="carbon-check-") as work:
            copy = copy_chart(self.chart, Path(work) / "chart", texts)
            files = list(_copy_values(self._render.values, Path(work), texts))
            return read_render_values(read_chart(copy), files)

    def render_documents(
        self, texts: Mapping[Path, str], added: Mapping[Path, str]
    ) -> list[dict[str, Any]]:
        """Return the maps that Helm prints with changed files, and files added by relative path."""
        documents = self._run(texts, added, None) or ()
        return [each.body for each in documents if isinstance(each.body, dict)]

    def _run(
        self,
        texts: Mapping[Path, str | None],
        added: Mapping[Path, str],
        values: Any,
        known_good: bool = True,
    ) -> tuple[Document, ...] | None:
        if self.renders >= MOST:
            return None
        self.renders += 1
        with tempfile.TemporaryDirectory(prefix="carbon-check-") as work:
            render = replace(self._render, known_good=known_good)
            if texts:
                copy = copy_chart(self.chart, Path(work) / "chart", texts)
                changed = _copy_values(render.values, Path(work), texts)
                render = replace(render, values=tuple(changed))
                for inside, text in added.items():
                    (copy / inside).write_text(text, "utf-8")
                render = replace(render, chart=copy)
            if values is not None:
                file = Path(work) / "values.json"
                file.write_text(json.dumps(values), "utf-8")
                render = replace(render, values=(*render.values, file))
            try:
                return run_template(render).documents
            except CarbonError:
                return None


def _name(objects: Iterable[RenderedObject]) -> dict[str, RenderedObject]:
    """Return objects by Kind/name; further objects with that name also by their namespace."""
    named: dict[str, RenderedObject] = {}
    for obj in objects:
        name = obj.workload
        named[f"{name} in {obj.meta.get('namespace')}" if name in named else name] = obj
    return named


def copy_chart(
    chart: Chart, to: Path, texts: Mapping[Path, str | None], tests: bool = False
) -> Path:
    """Write a copy of a chart whose unchanged files are links.

    Without `tests`, the folders `tests` and `ci` are left out.
    """
    for path in list_files(chart.folder):
        inside = path.relative_to(chart.folder)
        if OF_TESTS & set(inside.parts[:-1]) and not tests:
            continue
        copy, origin = to / inside, path.resolve()
        copy.parent.mkdir(parents=True, exist_ok=True)
        if origin in texts:
            if (text := texts[origin]) is not None:
                copy.write_text(text, "utf-8")
        elif inside.suffix == ".tgz":
            shutil.copy(origin, copy)
        else:
            copy.symlink_to(origin)
    return to


def _copy_values(
    files: Sequence[Path], to: Path, texts: Mapping[Path, str | None]
) -> Iterator[Path]:
    """Yield each values file, or a copy with its changed text; leave out files with None."""
    for number, file in enumerate(files):
        if (text := texts.get(file.resolve(), "")) == "":
            yield file
        elif text is not None:
            copy = to / f"values-{number}.yaml"
            copy.write_text(text, "utf-8")
            yield copy
