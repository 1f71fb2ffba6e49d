"""Termination: a pod has the time that its preStop hooks and its server need."""

import re
from collections.abc import Iterator

from carbon.charts.render import Object
from carbon.check.findings import Violation, rule
from carbon.check.render.objects import RenderedChart

DEFAULT = 30
"""Seconds that Kubernetes gives a pod without terminationGracePeriodSeconds."""
UNITS = {"ms": 0.001, "s": 1, "m": 60, "": 1}
_SLEEP = re.compile(r"\bsleep\s+(\d+(?:\.\d+)?)(m|s)?\b")
_DRAIN = re.compile(
    r"--?[\w.-]*(?:grace|drain|shutdown|finish|termination)[\w.-]*[= ](\d+)(ms|s|m)?(?![\w.])"
)
"""An argument with the time in which a server ends open requests: --graceful-timeout=30."""


def read_hook_seconds(container: Object) -> float:
    """Return the seconds for which a container's preStop hook sleeps."""
    hook = (container.get("lifecycle") or {}).get("preStop") or {}
    command = " ".join(map(str, (hook.get("exec") or {}).get("command") or []))
    slept = sum(float(number) * UNITS[unit] for number, unit in _SLEEP.findall(command))
    return float((hook.get("sleep") or {}).get("seconds") or 0) + slept


def read_drain_seconds(container: Object) -> float:
    """Return the longest time for which arguments or variables let a server finish requests."""
    words = [*(container.get("command") or []), *(container.get("args") or [])]
    words += [each["value"] for each in container.get("env") or [] if each.get("value")]
    found = _DRAIN.findall(" ".join(map(str, words)))
    return max((float(number) * UNITS[unit] for number, unit in found), default=0)


@rule("pods/grace", "Raise terminationGracePeriodSeconds, or shorten the hook or the drain.")
def check_grace(chart: RenderedChart) -> Iterator[Violation]:
    """A pod is killed only after its preStop hooks and the drain of its server."""
    for obj, pod, each, _ in chart.containers():
        grace = pod["spec"].get("terminationGracePeriodSeconds", DEFAULT)
        hook, drain = read_hook_seconds(each), read_drain_seconds(each)
        if hook + drain > grace or (hook and hook == grace):
            wrong = (
                f"{obj.identity}: {each.get('name')} needs {hook:g} s for its preStop hook and"
                f" {drain:g} s for open requests, and is killed after {grace} s"
            )
            yield Violation(obj, ("spec", "terminationGracePeriodSeconds"), wrong)
