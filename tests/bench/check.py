"""Benchmark of `carbon check` beside a loop of ct, helm-unittest and kubeconform.

    python -m tests.bench.check [--write] [--chart NAME]

The external programs are built before the first measurement. Every measurement starts with an empty
cache, except the runs after the first one that measure the cache. Run the benchmark on an idle
machine. With `--chart` it measures one chart without the umbrella, which takes minutes; without
`--chart` it takes most of an hour.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.bench.report import report, table
from tests.bench.usage import Usage, measure

from carbon import externals
from carbon.charts.discovery import Chart, find_charts
from carbon.charts.kubernetes import CRDS, MINORS, prepare_schemas
from carbon.check.engine.run import PROGRAMS
from carbon.check.render.apis import list_apis
from carbon.console import err
from carbon.files import read_yaml
from carbon.home import ROOT, home

CHANGED = Path("charts/mlflow/templates/server/service.yaml")
RENDER_CHECKS = ("rendering", "kubernetes", "properties", "argo")
"""The checks that need rendered objects; their duration grows with charts and values files."""


def main() -> None:
    """Run all measurements and report two tables."""
    externals.ensure_built(PROGRAMS)
    work = home() / "bench" / "check"
    shutil.rmtree(work, ignore_errors=True)
    try:
        root = copy_checkout(work / "root")
        if "--chart" in sys.argv:
            _keep_chart(root, sys.argv[sys.argv.index("--chart") + 1])
        rows = [*_measure_cache(work, root), *_measure_loop(work, root)]
        text = table(("run", "time", "limit", "peak memory"), rows)
        text += "\nChecks of rendered objects with an empty cache, as the repository grows:\n\n"
        text += table(("repository", "values files", "time"), list(_measure_growth(work)))
        report("check", f"On {os.cpu_count()} cores:\n\n{text}")
    finally:
        shutil.rmtree(work, ignore_errors=True)


def copy_checkout(to: Path) -> Path:
    """Copy every file of the checkout that Git does not ignore; measurements change the copy."""
    command = ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others"]
    listed = subprocess.run([*command, "--exclude-standard"], capture_output=True, check=True)
    for name in listed.stdout.decode().split("\0"):
        if name and (ROOT / name).exists():
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, to / name, follow_symlinks=False)
    return to


def _keep_chart(root: Path, name: str) -> None:
    """Delete every chart of a copy except the one named `name` and the library chart."""
    shutil.rmtree(root / "umbrella")
    for chart in find_charts(root):
        if not (chart.is_library or chart.name == name):
            shutil.rmtree(chart.folder)


def _measure_cache(work: Path, root: Path) -> Iterator[list[str]]:
    """Yield rows for runs with an empty cache, without a change, and with one changed template."""
    cache = make_cache(work / "contributor")
    yield _format_row("`carbon check`, empty cache", run_check(cache, root), "60 s")
    yield _format_row("`carbon check` again, nothing changed", run_check(cache, root), "3 s")
    path = root / CHANGED
    text = path.read_text("utf-8")
    path.write_text(text.replace("appProtocol:", "protocol: TCP\n      appProtocol:", 1), "utf-8")
    yield _format_row("`carbon check` again, one template changed", run_check(cache, root))
    path.write_text(text, "utf-8")


def _measure_loop(work: Path, root: Path) -> Iterator[list[str]]:
    """Measure ct, helm-unittest and kubeconform run for each values file, then `carbon check`.

    Yield a row for each of the two.
    """
    cases = list(_prepare_cases(work / "loop", root))
    for minor in MINORS:
        prepare_schemas(minor)
    with measure() as loop:
        for folder, values in cases:
            _run_loop_case(folder, values)
    check = run_check(make_cache(work / "cold"), root)
    yield _format_row("loop of ct lint, helm unittest and kubeconform over the same cases", loop)
    faster = f"{loop.seconds / check.seconds:.1f} times faster than the loop"
    yield _format_row(f"`carbon check`, empty cache, after the loop: {faster}", check)


def _prepare_cases(work: Path, root: Path) -> Iterator[tuple[Path, list[Path]]]:
    """For each values file, copy the file's chart without the other CI values files."""
    for number, (chart, path) in enumerate(_list_values(root)):
        place = work / str(number)
        for name in (each for each in ("charts", "umbrella") if (root / each).exists()):
            shutil.copytree(root / name, place / name, symlinks=True)
        folder = place / chart.folder.relative_to(root)
        values = folder / "ci" / f"{path.stem.removesuffix('-values')}-values.yaml"
        for other in folder.glob("ci/*"):
            other.unlink()
        values.parent.mkdir(exist_ok=True)
        shutil.copy(path, values)
        yield folder, [values]


def _list_values(root: Path) -> Iterator[tuple[Chart, Path]]:
    """Yield every chart with each of its CI values files; the umbrella also with each profile."""
    for chart in find_charts(root):
        if not chart.is_library:
            profiles = sorted((root / "values").glob("*.yaml")) if chart.is_umbrella else []
            for path in [*chart.list_ci_values(), *profiles]:
                yield chart, path


def _run_loop_case(folder: Path, values: list[Path]) -> None:
    """Run the programs that a contributor without `carbon check` runs for one values file."""
    helm = externals.ensure_program("helm")
    env = {**os.environ, "PATH": f"{helm.parent}:{os.environ['PATH']}"}
    ct: list[str | Path] = [externals.ensure_program("ct"), "lint"]
    ct += ["--config", ROOT / "ct.yaml", "--charts", folder]
    subprocess.run(ct, cwd=folder.parent, env=env, capture_output=True, check=False)
    tests: list[str | Path] = [externals.ensure_program("helm-unittest"), "--strict", folder]
    subprocess.run(tests, capture_output=True, check=False)
    flags: list[str | Path] = [word for path in values for word in ("--values", path)]
    flags += [word for api in list_apis() for word in ("--api-versions", api)]
    for program in ("helm", "helm3"):
        for minor in MINORS:
            template: list[str | Path] = [
                externals.ensure_program(program),
                "template",
                "254carbon",
                folder,
            ]
            template += [*flags, "--kube-version", f"{minor}.0"]
            rendered = subprocess.run(template, capture_output=True, check=False)
            builtin = prepare_schemas(minor) / "{{.ResourceKind}}{{.KindSuffix}}.json"
            validate: list[str | Path] = [externals.ensure_program("kubeconform"), "-strict"]
            validate += ["-kubernetes-version", f"{minor}.0"]
            validate += [word for each in (builtin, CRDS) for word in ("-schema-location", each)]
            subprocess.run(validate, input=rendered.stdout, capture_output=True, check=False)


def _measure_growth(work: Path) -> Iterator[list[str]]:
    """Yield rows for the checkout, and for twice as many values files, charts, or both."""
    for title, twice_charts, twice_values in (
        ("unchanged", False, False),
        ("twice the values files", False, True),
        ("twice the charts", True, False),
        ("twice the charts and twice the values files", True, True),
    ):
        name = f"doubled-{twice_charts}-{twice_values}"
        root = copy_checkout(work / name)
        if twice_values:
            _double_values(root)
        if twice_charts:
            _double_charts(root)
        usage = run_check(make_cache(work / f"{name}-cache"), root, *RENDER_CHECKS)
        number = sum(1 for _ in _list_values(root))
        yield [title, str(number), f"{usage.seconds:.1f} s"]


def _double_values(root: Path) -> None:
    for _, path in list(_list_values(root)):
        if path.parent.name == "ci":
            shutil.copy(path, path.with_name(f"again-{path.name}"))


def _double_charts(root: Path) -> None:
    for chart in find_charts(root):
        if chart.is_library or chart.is_umbrella:
            continue
        again = root / "charts" / f"{chart.folder.name}-again"
        shutil.copytree(chart.folder, again, symlinks=True)
        meta = read_yaml(again / "Chart.yaml") | {"name": f"{chart.name}-again"}
        (again / "Chart.yaml").write_text(json.dumps(meta), "utf-8")


def make_cache(cache: Path) -> Path:
    """Create a cache that holds only the built programs."""
    cache.mkdir(parents=True)
    (cache / "bin").symlink_to((home() / "bin").resolve())
    return cache


def run_check(cache: Path, root: Path, *only: str) -> Usage:
    """Run `carbon check` with a cache and measure the run."""
    carbon = Path(sys.executable).parent / "carbon"
    command = [str(carbon), "check", "--root", str(root)]
    command += [word for name in only for word in ("--only", name)]
    err.print(f"… {' '.join(command)}")
    env = {**os.environ, "CARBON_HOME": str(cache)}
    env.pop("PYTHONDONTWRITEBYTECODE", None)  # Python compiles each module once
    with measure() as usage:
        done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    err.print(done.stdout[-400:])
    return usage


def _format_row(run: str, usage: Usage, limit: str = "") -> list[str]:
    """Format a row of the first table; print it at once, in case the benchmark is interrupted."""
    row = [run, f"{usage.seconds:.1f} s", limit, f"{usage.bytes / 2**20:.0f} MiB"]
    err.print(f"… {' · '.join(row)}", highlight=False)
    return row


if __name__ == "__main__":
    main()
