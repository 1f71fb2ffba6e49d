"""The umbrella's default values fit on 2 cores and 8 GiB; a Job creates every Secret."""

import json
from collections.abc import Iterator
from decimal import Decimal

from carbon.check.findings import Violation, rule
from carbon.check.render.objects import RenderedChart, RenderedObject
from carbon.check.rules.fields.capacity import sum_requests
from carbon.check.rules.secrets import find_secret_keys

CORES = Decimal("1.8")
"""Cores for pods on a node with 2 cores."""
MOST = {"cpu": Decimal(2), "memory": Decimal(8 * 2**30)}


def sum_chart(chart: RenderedChart, what: str) -> Decimal:
    """Return the requests of all replicas, the largest surge of a Deployment and the test pods."""
    total, surge = Decimal(), Decimal()
    for obj, pod in chart.pods():
        if obj.kind in {"Job", "CronJob"}:
            continue  # pods of Jobs and CronJobs end; check_capacity adds the CPU of Jobs
        each = sum_requests(pod, what)
        total += each * int(obj.spec.get("replicas", 1))
        rolling = (obj.spec.get("strategy") or {}).get("rollingUpdate") or {}
        if obj.kind == "Deployment" and rolling.get("maxSurge") != 0:
            surge = max(surge, each)
    return total + surge


@rule("quickstart/capacity", "Request less, or disable a component in umbrella/values.yaml.", True)
def check_capacity(chart: RenderedChart) -> Iterator[Violation]:
    """The default pods, a rolling update, the tests and the Jobs fit on 2 cores and 8 GiB."""
    if not (chart.is_default and chart.is_umbrella):
        return
    jobs = [pod for obj, pod in chart.pods() if obj.kind == "Job"]
    cores, memory = sum_chart(chart, "cpu"), sum_chart(chart, "memory")
    largest = _find_largest(chart)
    if cores > CORES or cores + sum(sum_requests(pod, "cpu") for pod in jobs) > MOST["cpu"]:
        yield Violation(
            largest,
            ("resources",),
            f"the default values request {cores} cores without Jobs; at most {CORES} are allowed, "
            f"and {MOST['cpu']} with Jobs",
        )
    if memory > MOST["memory"]:
        gib = memory / 2**30
        yield Violation(
            largest, ("resources",), f"the default values request {gib:.1f} GiB; at most 8 fit"
        )


def _find_largest(chart: RenderedChart) -> RenderedObject:
    return max(chart.pods(), key=lambda each: sum_requests(each[1], "cpu"))[0]


@rule("quickstart/secrets", "Add the Secret to the credentials Job.", house=True)
def check_secrets(chart: RenderedChart) -> Iterator[Violation]:
    """By default the credentials Job creates every Secret and key that a pod needs."""
    if not (chart.is_default and chart.is_umbrella):
        return
    created = {
        (secret["name"], key)
        for obj in chart.of_kind("ConfigMap")
        for secret in json.loads((obj.body.get("data") or {}).get("credentials.json", "[]"))
        for key in secret["keys"]
    }
    for obj, pod in chart.pods():
        for name, key in find_secret_keys(pod):
            if (name, key) not in created:
                wrong = f"{obj.identity}: no Job creates Secret/{name} with the key {key}"
                yield Violation(obj, ("secretKeyRef",), wrong)
