"""The steps of the first model, as a data scientist takes them."""

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx2

from carbon.charts.merging import merge
from carbon.console import step
from carbon.demo.jobs import Jobs
from carbon.errors import CarbonError
from carbon.files import read_yaml
from carbon.home import ROOT
from carbon.platform import release
from carbon.platform.forward import forward
from carbon.platform.target import Target

EXAMPLE = ROOT / "examples" / "first-model"
MODEL = "day-ahead-price"
ZONES = ("DE", "FR", "NL")
RAY = "ray-cluster-head-svc"


def read_values() -> dict[str, Any]:
    """Return the values of the example, with its feature views."""
    features = (EXAMPLE / "features.py").read_text(encoding="utf-8")
    files = {"feast": {"repository": {"files": {"features.py": features}}}}
    return merge(read_yaml(EXAMPLE / "values.yaml"), files)


@dataclass(frozen=True)
class ModelVersion:
    """A registered version of the model and its mean absolute error in EUR/MWh."""

    version: str
    mae: float


@dataclass(frozen=True)
class Steps:
    """Runs the steps on a platform that is installed with the example's values."""

    target: Target
    jobs: Jobs
    serve_url: str

    def write_data(self, load_shift: float = 1) -> None:
        """Write hourly history; `load_shift` multiplies the load of the last 7 days."""
        with step("write hourly load and prices of three zones"):
            self.jobs.run(f"python data.py --load-shift {load_shift}")

    def materialize(self) -> None:
        """Copy the newest features to the online store, as the CronJob does every hour."""
        with step("materialize features into the online store"):
            self.target.kubectl("delete", "job", "first-model", "--ignore-not-found", "--wait")
            cronjob = "--from=cronjob/feast-materialization"
            self.target.kubectl("create", "job", "first-model", cronjob)
            self.target.kubectl(
                "wait", "--for=condition=Complete", "job/first-model", "--timeout=300s"
            )

    def train(self, *trees: int) -> ModelVersion:
        """Train a model for each number of trees on Ray; register the best in MLflow."""
        with step(f"train with {' and '.join(map(str, trees))} trees, register the best model"):
            output = self.jobs.run(f"python train.py --trees {' '.join(map(str, trees))}")
        result = _parse_last(output)
        return ModelVersion(result["version"], result["mae"])

    def serve(self, **shares: int) -> None:
        """Serve versions of the model, each with a percentage of the requests (v1=80, v2=20)."""
        given = " ".join(f"{v.removeprefix('v')}={share}" for v, share in shares.items())
        with step(f"serve {given}"):
            self.jobs.run(f"python serve.py {given}")

    def predict(self, zone: str) -> dict[str, Any]:
        """Return a prediction from a zone's newest features: a map with `price` and `version`.

        Raises:
            CarbonError: Ray Serve does not answer with a prediction.
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
                f"no price prediction for the bidding zone {zone}: {trouble}",
                "Check that the pods of ray-cluster are Ready, and read the log of the head.",
            ) from trouble
        prediction: dict[str, Any] = answer.json()
        return prediction

    def count_versions(self, requests: int = 60) -> Counter[str]:
        """Send requests; return the number of predictions by each version of the model."""
        return Counter(self.predict(ZONES[n % 3])["version"] for n in range(requests))

    def measure_drift(self) -> float:
        """Return the drift of the load in the last 7 days; Ray exports it as a metric too."""
        with step("measure drift"):
            return float(_parse_last(self.jobs.run("python drift.py"))["drift"])


@contextmanager
def open_demo(target: Target) -> Iterator[Steps]:
    """Upgrade the platform with the example's values, and yield the steps."""
    release.install(target, merge(release.read_current_values(target), read_values()))
    with (
        forward(target, RAY, 8265) as dashboard,
        forward(target, RAY, 8000) as serve_url,
    ):
        yield Steps(target, Jobs(dashboard, EXAMPLE), serve_url)


def _parse_last(output: str) -> dict[str, Any]:
    """Return the JSON object in the last line of an output that begins with a brace."""
    lines = [line for line in output.splitlines() if line.startswith("{")]
    result: dict[str, Any] = json.loads(lines[-1])
    return result
