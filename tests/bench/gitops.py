"""Benchmark of Argo CD beside Helm: the quickstart is installed, compared again, and rendered.

    python -m tests.bench.gitops [--write]

Both install the quickstart in turn, and the shortest time of each work counts. The times of a
refresh and of its rendering are those in the logs of Argo CD's programs. Run the benchmark on an
idle machine; it takes 10 minutes and needs root.
"""

import json
import os
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.bench.report import report, table
from tests.bench.usage import measure_seconds
from tests.live.argocd import ArgoCd
from tests.live.charts_repository import ChartsRepository
from tests.live.gitops.conftest import Platform, add_argo_cd
from tests.live.own_cluster import start_cluster
from tests.live.support import RELEASE, Release

from carbon.cluster.layout import layout
from carbon.gitops.plan import Plan, build_plan

INSTALLATIONS, REPEATS = 2, 5
"""How often each installs the quickstart, and how often it compares an installed one."""
NAMESPACE = "gitops-bench"
UPGRADE = ("upgrade", "--install", RELEASE, "umbrella/")
TEMPLATE = ("template", RELEASE, "umbrella/")
INSTALL, COMPARE, RENDER = WORKS = (
    "install, until all is Ready: an Application; `helm upgrade --install --wait`",
    "nothing has changed: a hard refresh; `helm upgrade`",
    "render: the repo server in a hard refresh; `helm template`",
)

Times = defaultdict[str, list[float]]
"""The durations of each work in seconds."""


def main() -> None:
    """Run all measurements and report a table."""
    argo_cd, helm = Times(list), Times(list)
    with start_cluster(), add_argo_cd() as argo, TemporaryDirectory() as folder:
        plan = build_plan(ChartsRepository(Path(folder)).source, namespace=NAMESPACE)
        for _ in range(INSTALLATIONS):
            _measure_helm(helm)
            _measure_argo_cd(argo_cd, argo, plan)
    rows = [_build_row(work, min(argo_cd[work]), min(helm[work])) for work in WORKS]
    head = ("work: with Argo CD; with Helm", "Argo CD", "Helm", "Argo CD ÷ Helm")
    report("gitops", f"The quickstart on {os.cpu_count()} cores:\n\n{table(head, rows)}")


def _build_row(work: str, argo_cd: float, helm: float) -> tuple[str, ...]:
    return work, f"{argo_cd:.1f} s", f"{helm:.1f} s", f"{argo_cd / helm:.1f}"


def _measure_helm(times: Times) -> None:
    """Install the quickstart with Helm, repeat the other works, and uninstall it."""
    with Release(NAMESPACE) as release:
        install = (*UPGRADE, "--create-namespace", "--wait-for-jobs")
        times[INSTALL].append(measure_seconds(lambda: release.run_helm("helm", *install)))
        for _ in range(REPEATS):
            times[COMPARE].append(measure_seconds(lambda: _run_helm(release, *UPGRADE)))
            times[RENDER].append(measure_seconds(lambda: _run_helm(release, *TEMPLATE)))
    print(f"Helm: {dict(times)}", flush=True)


def _run_helm(release: Release, *words: str) -> None:
    done = release.helm("helm", *words)
    if done.returncode:
        raise RuntimeError(done.stderr)


def _measure_argo_cd(times: Times, argo: ArgoCd, plan: Plan) -> None:
    """Install the quickstart with Argo CD, refresh it repeatedly, and delete it."""
    with Platform(argo, plan):

        def install() -> None:
            argo.install(plan)
            argo.wait_for_health()

        times[INSTALL].append(measure_seconds(install))
        for _ in range(REPEATS):
            compared = _Log("argocd-application-controller")
            rendered = _Log("argocd-repo-server")
            argo.refresh()
            times[COMPARE].append(compared.read_longest(msg="Reconciliation completed"))
            finished = {"msg": "finished call", "grpc.method": "GenerateManifest"}
            times[RENDER].append(rendered.read_longest(**finished))
    print(f"Argo CD: {dict(times)}", flush=True)


class _Log:
    """The lines that a program of Argo CD writes to its log from now on."""

    def __init__(self, program: str) -> None:
        self._file = layout().logs / f"{program}.log"
        self._start = self._file.stat().st_size

    def read_longest(self, **fields: str) -> float:
        """Return the longest duration in the lines with these fields, in seconds."""
        found = (each for each in self._read() if fields.items() <= each.items())
        return max(_read_duration(each) for each in found)

    def _read(self) -> Iterator[dict[str, Any]]:
        with self._file.open("rb") as file:
            file.seek(self._start)
            for line in file:
                if line.startswith(b"{") and line.endswith(b"}\n"):
                    yield json.loads(line)


def _read_duration(line: dict[str, Any]) -> float:
    """Return the duration in a line of a log, in seconds."""
    return float(line.get("grpc.time_ms", line.get("time_ms", 0))) / 1000


if __name__ == "__main__":
    main()
