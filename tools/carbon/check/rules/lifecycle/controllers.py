"""Controllers of a workload: at most one autoscaler and one PodDisruptionBudget."""

from collections import defaultdict
from collections.abc import Iterator

from carbon.check.findings import Violation, rule
from carbon.check.render.objects import RenderedChart, RenderedObject
from carbon.check.rules.selectors import find_selected, read_selector

Targets = dict[str, list[RenderedObject]]
"""The objects that control each workload, by the workload's Kind/name."""


@rule("rollouts/budgets", "Remove one of the budgets, or correct its selector.")
def check_budgets(chart: RenderedChart) -> Iterator[Violation]:
    """No pod has two PodDisruptionBudgets: the API server then refuses each eviction of the pod.

    The rule selectors/budget reports a budget that selects several workloads.
    """
    found: Targets = defaultdict(list)
    for obj in chart.of_kind("PodDisruptionBudget"):
        names = set(find_selected(chart, read_selector(obj)))
        for name in names if len(names) == 1 else ():
            found[name].append(obj)
    yield from _check_one(found, ("spec", "selector"), "selects the pods of")


@rule("rollouts/autoscalers", "Remove one of the autoscalers, or correct its scaleTargetRef.")
def check_autoscalers(chart: RenderedChart) -> Iterator[Violation]:
    """No workload has two autoscalers: each would overwrite the replicas that the other sets."""
    found: Targets = defaultdict(list)
    for obj in chart.of_kind("HorizontalPodAutoscaler"):
        to = obj.spec.get("scaleTargetRef") or {}
        found[f"{to.get('kind')}/{to.get('name')}"].append(obj)
    yield from _check_one(found, ("spec", "scaleTargetRef", "name"), "scales")


def _check_one(found: Targets, path: tuple[str, ...], does: str) -> Iterator[Violation]:
    """Yield a violation for each object of a workload except one: that of the same name, if any."""
    for name, some in found.items():
        ordered = sorted(some, key=lambda obj: obj.name != name.partition("/")[2])
        for obj in ordered[1:]:
            wrong = f"{obj.identity} {does} {name}, as {ordered[0].identity} does"
            yield Violation(obj, path, wrong)
