"""The steps of the first model, each a thing that a data scientist would do."""

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx2

from carbon.charts.values import read
from carbon.console import step
from carbon.demo.jobs import Jobs
from carbon.errors import CarbonError
from carbon.home import ROOT
from carbon.platform import release
from carbon.platform.forward import forwarded
from carbon.platform.target import Target

EXAMPLE = ROOT / "examples" / "first-model"
MODEL = "day-ahead-price"
ZONES = ("DE", "FR", "NL")
RAY = "ray-cluster-head-svc"


def values() -> dict[str, Any]:
    """The example's values, its feature views among them."""
    features = (EXAMPLE / "features.py").read_text(encoding="utf-8")
    files = {"feast": {"repository": {"files": {"features.py": features}}}}
    return release.merge(read(EXAMPLE / "values.yaml"), files)


@dataclass(frozen=True)
class Trained:
    """A registered version of the model and its mean absolute error in EUR/MWh."""

    version: str
    mae: float


@dataclass(frozen=True)
class Steps:
    """The example on a platform that has its values."""

    target: Target
    jobs: Jobs
    serve_url: str

    def data(self, load_shift: float = 1) -> None:
        """Write history; with another shift than 1 the last 7 days' load is multiplied by it."""
        with step("make hourly load and prices of three zones"):
            self.jobs.run(f"python data.py --load-shift {load_shift}")

    def materialize(self) -> None:
        """Bring the newest features to the online store, as the CronJob does every hour."""
        with step("materialize features into the online store"):
            self.target.kubectl("delete", "job", "first-model", "--ignore-not-found", "--wait")
            cronjob = "--from=cronjob/feast-materialization"
            self.target.kubectl("create", "job", "first-model", cronjob)
            self.target.kubectl(
                "wait", "--for=condition=Complete", "job/first-model", "--timeout=300s"
            )

    def train(self, *trees: int) -> Trained:
        """Train on Ray with features from Feast, register the best in MLflow."""
        with step(f"train with {' and '.join(map(str, trees))} trees, register the best"):
            said = self.jobs.run(f"python train.py --trees {' '.join(map(str, trees))}")
        found = _last(said)
        return Trained(found["version"], found["mae"])

    def serve(self, **shares: int) -> None:
        """Deploy versions, or shift the shares (v1=80, v2=20) of those that are deployed."""
        given = " ".join(f"{v.removeprefix('v')}={share}" for v, share in shares.items())
        with step(f"serve {given}"):
            self.jobs.run(f"python serve.py {given}")

    def predict(self, zone: str) -> dict[str, Any]:
        """A prediction from the newest features of a zone.

        Raises:
            CarbonError: Ray Serve does not answer with one.
        """
        try:
            answer = httpx2.get(
                f"{self.serve_url}/{MODEL}",
                params={"zone": zone},
                timeout=60,
                follow_redirects=True,
            )
            answer.raise_for_status()
        except httpx2.HTTPError as trouble:
            raise CarbonError(
                f"no prediction for {zone}: {trouble}", "Is Ray Serve up?"
            ) from trouble
        found: dict[str, Any] = answer.json()
        return found

    def versions(self, requests: int = 60) -> Counter[str]:
        """How many of so many requests each version answered."""
        return Counter(self.predict(ZONES[n % 3])["version"] for n in range(requests))

    def drift(self) -> float:
        """The drift of the load's last 7 days, which is exported as a metric too."""
        with step("measure drift"):
            return float(_last(self.jobs.run("python drift.py"))["drift"])


@contextmanager
def started(target: Target) -> Iterator[Steps]:
    """The platform with the example's values added to those it has."""
    release.install(target, release.merge(release.current(target), values()))
    with (
        forwarded(target, RAY, 8265) as dashboard,
        forwarded(target, RAY, 8000) as serve_url,
    ):
        yield Steps(target, Jobs(dashboard, EXAMPLE), serve_url)


def _last(said: str) -> dict[str, Any]:
    """The last line that is JSON."""
    lines = [line for line in said.splitlines() if line.startswith("{")]
    found: dict[str, Any] = json.loads(lines[-1])
    return found
