"""How long `carbon check` takes: cold, unchanged, after a change; against a loop of the same tools.

    python -m tests.bench.check [--write] [--chart NAME]

Programs are built before; everything else starts from nothing. Run it on an idle machine; one
chart alone (and without its umbrella) takes minutes instead of a good part of an hour.
"""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread

from tests.bench.report import report, table

from carbon import externals
from carbon.charts.discovery import Chart, charts
from carbon.charts.files import read_yaml
from carbon.charts.kubernetes import CRDS, MINORS, schemas
from carbon.check.run import PROGRAMS
from carbon.check.site import apis
from carbon.console import err
from carbon.home import ROOT, home

COPIED = ("charts", "umbrella", "schemas", "values", "tools/images", "ct.yaml", "README.md", "docs")
CHANGED = Path("charts/mlflow/templates/server/service.yaml")
DRAWING = ("rendering", "kubernetes", "properties", "argo")


@dataclass
class Measured:
    """One run."""

    seconds: float
    bytes: int
    """The most memory that it and its children held at once (shared pages counted in each)."""


def main() -> None:
    """Measure everything and print two tables."""
    externals.ensure(PROGRAMS)
    work = home() / "bench" / "check"
    shutil.rmtree(work, ignore_errors=True)
    try:
        root = copied(work / "root")
        if "--chart" in sys.argv:
            _alone(root, sys.argv[sys.argv.index("--chart") + 1])
        lines = [*_contributor(work, root), *_loop(work, root)]
        text = table(("what", "time", "memory at most"), lines)
        text += "\nCharts and values files doubled, cold:\n\n"
        text += table(("", "values files", "time"), list(_doubled(work)))
        report("check", f"On {os.cpu_count()} cores:\n\n{text}")
    finally:
        shutil.rmtree(work, ignore_errors=True)


def copied(to: Path) -> Path:
    """A copy of the checkout that can be changed."""
    for name in COPIED:
        (to / name).parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, to / name, symlinks=True)
        else:
            shutil.copy(ROOT / name, to / name)
    return to


def _alone(root: Path, name: str) -> None:
    """Leave one chart and the library in a copy."""
    shutil.rmtree(root / "umbrella")
    for chart in charts(root):
        if not (chart.is_library or chart.name == name):
            shutil.rmtree(chart.folder)


def _contributor(work: Path, root: Path) -> Iterator[list[str]]:
    cache = fresh(work / "contributor")
    yield _row("cold", check(cache, root))
    yield _row("nothing changed", check(cache, root))
    path = root / CHANGED
    text = path.read_text("utf-8")
    path.write_text(text.replace("appProtocol:", "protocol: TCP\n      appProtocol:", 1), "utf-8")
    yield _row("one template changed", check(cache, root))
    path.write_text(text, "utf-8")


def _loop(work: Path, root: Path) -> Iterator[list[str]]:
    """The same cases, one program after the other; then ours, both cold."""
    prepared = list(_prepared(work / "loop", root))
    for minor in MINORS:
        schemas(minor)
    with measured() as loop:
        for folder, values in prepared:
            _naive(folder, values)
    ours = check(fresh(work / "cold"), root)
    yield _row("ct lint, helm unittest and kubeconform in a loop over the same cases", loop)
    yield _row(
        f"carbon check, cold, beside it: {loop.seconds / ours.seconds:.1f} times faster", ours
    )


def _prepared(work: Path, root: Path) -> Iterator[tuple[Path, list[Path]]]:
    """For each values file a copy of its chart that has no other CI values."""
    for number, (chart, path) in enumerate(_values(root)):
        place = work / str(number)
        for name in (each for each in ("charts", "umbrella") if (root / each).exists()):
            shutil.copytree(root / name, place / name, symlinks=True)
        folder = place / chart.folder.relative_to(root)
        kept = folder / "ci" / f"{path.stem.removesuffix('-values')}-values.yaml"
        for other in folder.glob("ci/*"):
            other.unlink()
        kept.parent.mkdir(exist_ok=True)
        shutil.copy(path, kept)
        yield folder, [kept]


def _values(root: Path) -> Iterator[tuple[Chart, Path]]:
    for chart in charts(root):
        if not chart.is_library:
            profiles = sorted((root / "values").glob("*.yaml")) if chart.is_umbrella else []
            for path in [*chart.ci_values(), *profiles]:
                yield chart, path


def _naive(folder: Path, values: list[Path]) -> None:
    """What a contributor without this tool runs for one values file."""
    helm = externals.ensure_program("helm")
    env = {**os.environ, "PATH": f"{helm.parent}:{os.environ['PATH']}"}
    ct: list[str | Path] = [
        externals.ensure_program("ct"),
        "lint",
        "--config",
        ROOT / "ct.yaml",
        "--charts",
        folder,
    ]
    subprocess.run(ct, cwd=folder.parent, env=env, capture_output=True, check=False)
    tests: list[str | Path] = [externals.ensure_program("helm-unittest"), "--strict", folder]
    subprocess.run(tests, capture_output=True, check=False)
    more: list[str | Path] = [part for path in values for part in ("--values", path)]
    more += [part for api in apis() for part in ("--api-versions", api)]
    for program in ("helm", "helm3"):
        for minor in MINORS:
            command: list[str | Path] = [
                externals.ensure_program(program),
                "template",
                "254carbon",
                folder,
            ]
            command += more
            drawn = subprocess.run(
                [*command, "--kube-version", f"{minor}.0"], capture_output=True, check=False
            )
            known = schemas(minor) / "{{.ResourceKind}}{{.KindSuffix}}.json"
            places = [part for each in (known, CRDS) for part in ("-schema-location", str(each))]
            valid: list[str | Path] = [externals.ensure_program("kubeconform"), "-strict"]
            valid += ["-kubernetes-version", f"{minor}.0"]
            valid += places
            subprocess.run(valid, input=drawn.stdout, capture_output=True, check=False)


def _doubled(work: Path) -> Iterator[list[str]]:
    for what, twice_charts, twice_values in (
        ("as it is", False, False),
        ("values files doubled", False, True),
        ("charts doubled", True, False),
        ("both doubled", True, True),
    ):
        name = f"doubled-{twice_charts}-{twice_values}"
        root = copied(work / name)
        if twice_values:
            _double_values(root)
        if twice_charts:
            _double_charts(root)
        taken = check(fresh(work / f"{name}-cache"), root, *DRAWING)
        number = sum(1 for _ in _values(root))
        yield [what, str(number), f"{taken.seconds:.1f} s"]


def _double_values(root: Path) -> None:
    for _, path in list(_values(root)):
        if path.parent.name == "ci":
            shutil.copy(path, path.with_name(f"again-{path.name}"))


def _double_charts(root: Path) -> None:
    for chart in charts(root):
        if chart.is_library or chart.is_umbrella:
            continue
        again = root / "charts" / f"{chart.folder.name}-again"
        shutil.copytree(chart.folder, again, symlinks=True)
        meta = read_yaml(again / "Chart.yaml") | {"name": f"{chart.name}-again"}
        (again / "Chart.yaml").write_text(json.dumps(meta), "utf-8")


def fresh(cache: Path) -> Path:
    """A cache that holds the built programs and nothing else."""
    cache.mkdir(parents=True)
    (cache / "bin").symlink_to((home() / "bin").resolve())
    return cache


def check(cache: Path, root: Path, *only: str) -> Measured:
    """Run `carbon check` with a cache."""
    carbon = Path(sys.executable).parent / "carbon"
    command = [str(carbon), "check", "--root", str(root)]
    command += [part for name in only for part in ("--only", name)]
    err.print(f"… {' '.join(command)}")
    env = {**os.environ, "CARBON_HOME": str(cache)}
    with measured() as taken:
        done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    err.print(done.stdout[-400:])
    return taken


@contextmanager
def measured() -> Iterator[Measured]:
    """Seconds that pass, and memory that this process's children hold."""
    taken, over = Measured(0, 0), Event()

    def watch() -> None:
        while not over.wait(0.2):
            taken.bytes = max(taken.bytes, _held())

    watcher = Thread(target=watch)
    start = time.monotonic()
    watcher.start()
    try:
        yield taken
    finally:
        taken.seconds = time.monotonic() - start
        over.set()
        watcher.join()


def _held() -> int:
    """Bytes of memory that all processes below this one hold."""
    parents, sizes = {}, {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
                parents[int(entry.name)] = int(fields[1])
                sizes[int(entry.name)] = int(fields[21])
            except (OSError, ValueError, IndexError):
                continue
    mine = {os.getpid()}
    while more := {pid for pid, parent in parents.items() if parent in mine} - mine:
        mine |= more
    return sum(sizes[pid] for pid in mine - {os.getpid()}) * os.sysconf("SC_PAGE_SIZE")


def _row(what: str, taken: Measured) -> list[str]:
    return [what, f"{taken.seconds:.1f} s", f"{taken.bytes / 2**20:.0f} MiB"]


if __name__ == "__main__":
    main()
