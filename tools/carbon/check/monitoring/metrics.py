"""The metric lists, `schemas/metrics`: the metrics of each component and their labels.

A list has these keys:

- `metrics`: the names of all metrics that the component exports.
- `labels`: for each metric that a query uses, its labels without the shared ones; `labelSource`
  names the document or the code from which they were read.
- `sharedLabels`: the labels that all metrics of the list have. Without this key, they are those
  that Prometheus adds for a PodMonitor.
- `values`: all values of a label, if it has few.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache

from carbon.files import read_yaml
from carbon.home import ROOT

METRICS = ROOT / "schemas" / "metrics"
SUFFIXES = ("_bucket", "_sum", "_count")
"""Suffixes of the series of a histogram or a summary."""
TARGET = ("namespace", "pod", "container", "endpoint", "job", "instance")
"""Labels that Prometheus adds to the metrics of a pod that a PodMonitor selects."""


@dataclass(frozen=True)
class Metric:
    """One metric of a list."""

    name: str
    file: str
    """Name of the list."""
    labels: frozenset[str] | None
    """Labels, with those that Prometheus adds; None if the list does not state them."""
    values: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """All values of some labels."""


def find_metric(series: str) -> Metric | None:
    """Return the metric of a series, such as x of x_bucket; None if no list has the metric."""
    known = read_metrics()
    if series in known:
        return known[series]
    for suffix in SUFFIXES:
        found = known.get(series.removesuffix(suffix)) if series.endswith(suffix) else None
        if found is not None:
            more = {"le"} if suffix == "_bucket" else set()
            labels = None if found.labels is None else found.labels | more
            return replace(found, labels=labels)
    return None


@cache
def read_metrics() -> dict[str, Metric]:
    """Return the metrics of all lists by name."""
    found = {}
    for path in sorted(METRICS.glob("*.yaml")):
        content = read_yaml(path)
        added = frozenset(content.get("sharedLabels", TARGET))
        for name in content["metrics"]:
            own = (content.get("labels") or {}).get(name)
            labels = None if own is None else added | set(own)
            values = (content.get("values") or {}).get(name, {})
            found[name] = Metric(name, path.name, labels, values)
    return found
