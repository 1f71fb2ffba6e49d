"""References of a container to its own variables, which the kubelet replaces: $(NAME)."""

import re
from collections.abc import Iterator

from carbon.check.findings import Violation, rule
from carbon.check.render.objects import RenderedChart

_REFERENCE = re.compile(r"(?<!\$)\$\(([A-Z_][A-Z0-9_]*)\)")


@rule("variables/order", "Define the variable above the variable that refers to it.")
def check_order(chart: RenderedChart) -> Iterator[Violation]:
    """A variable that another variable refers to as $(NAME) is defined above it.

    The kubelet leaves a reference to any other name as it is.
    Source: https://kubernetes.io/docs/tasks/inject-data-application/define-interdependent-environment-variables/
    """
    for each in chart.containers():
        known: set[str] = set()
        for entry in each.body.get("env") or []:
            name = str(entry.get("name"))
            for used in _REFERENCE.findall(str(entry.get("value") or "")):
                if used not in known and not each.body.get("envFrom"):
                    path = (*each.path, "env", f"name={name}", "value")
                    wrong = (
                        f"{each.name}: {name} refers to $({used}), which is not defined above it"
                    )
                    yield Violation(each.object, path, wrong)
            known.add(name)


@rule("variables/defined", "Define the variable, or correct its name.")
def check_defined(chart: RenderedChart) -> Iterator[Violation]:
    """A variable that a command refers to as $(NAME) is defined in the container."""
    for each in chart.containers():
        known = {str(entry.get("name")) for entry in each.body.get("env") or []}
        for key in ("command", "args"):
            for at, word in enumerate(each.body.get(key) or []):
                for used in _REFERENCE.findall(str(word)):
                    if used not in known and not each.body.get("envFrom"):
                        wrong = f"{each.name}: {key} refers to $({used}), which is not defined"
                        yield Violation(each.object, (*each.path, key, str(at)), wrong)
