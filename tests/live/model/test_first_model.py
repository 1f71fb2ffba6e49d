"""The example of docs/first-model.md, from features to predictions and drift."""

import json
from collections.abc import Iterator

import pytest
from tests.live.support import Release, wait

from carbon.demo.steps import Steps, open_demo
from carbon.platform.target import Target, get_target

NAMESPACE = "first-model"
SCRAPE = """\
import urllib.request
print(urllib.request.urlopen("http://127.0.0.1:8080/metrics", timeout=30).read().decode())
"""


@pytest.fixture(scope="module")
def release(cluster: Target) -> Iterator[Release]:
    with Release(NAMESPACE) as release:
        release.install("helm")
        yield release


@pytest.fixture(scope="module")
def steps(release: Release) -> Iterator[Steps]:
    with open_demo(get_target(None, NAMESPACE)) as found:
        yield found


def read_drift_metric(release: Release) -> float | None:
    """Return the metric ray_feature_drift, read in the pods of Ray's nodes."""
    for pod in release.get("pods", "app=ray-cluster"):
        metrics = release.kubectl("exec", pod["metadata"]["name"], "--", "python3", "-c", SCRAPE)
        for line in metrics.splitlines():
            if line.startswith("ray_feature_drift{") and 'feature="load_gw"' in line:
                return float(line.rpartition(" ")[2])
    return None


def test_two_versions_share_requests_and_drift_is_measured(release: Release, steps: Steps) -> None:
    follow_example(release, steps)


def follow_example(release: Release, steps: Steps) -> None:
    """Take the steps of docs/first-model.md; fail if a result is not what the page promises."""
    steps.write_data()
    steps.materialize()
    first, second = steps.train(3), steps.train(30, 100)
    assert [first.version, second.version] == ["1", "2"]
    assert second.mae < first.mae

    steps.serve(v1=100)
    answers = {zone: steps.predict(zone) for zone in ("DE", "FR", "NL")}
    print(json.dumps(answers))
    assert {answer["version"] for answer in answers.values()} == {"1"}
    loads = [answers[zone]["features"]["load_gw"] for zone in ("DE", "NL")]
    assert loads[0] > 2 * loads[1], "a prediction uses the features of another zone"
    assert all(20 < answer["price"] < 200 for answer in answers.values())

    steps.serve(v1=70, v2=30)
    shared = steps.count_versions()
    print(f"requests by version: {dict(shared)}")
    assert shared["1"] > shared["2"] > 0
    steps.serve(v2=100)
    assert set(steps.count_versions(9)) == {"2"}

    before = steps.measure_drift()
    steps.write_data(load_shift=1.25)
    after = steps.measure_drift()
    print(f"drift: {before}, with shifted load {after}")
    assert before < 0.1
    assert after > 0.25
    wait(
        "the metric of the drift",
        lambda: read_drift_metric(release) == pytest.approx(after, abs=0.001),
    )
