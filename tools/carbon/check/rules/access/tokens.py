"""Tokens of ServiceAccounts: a pod mounts one only if its ServiceAccount has rights."""

from collections.abc import Iterator
from typing import Any

from carbon.charts.render import Object
from carbon.check.findings import Violation, rule
from carbon.check.render.objects import RenderedChart, RenderedObject
from carbon.check.rules.rbac import BINDINGS

Account = tuple[str, str]
"""Namespace and name of a ServiceAccount."""


def read_account(chart: RenderedChart, obj: RenderedObject, pod: Object) -> Account:
    """Return the ServiceAccount of a pod template of an object."""
    namespace = str(obj.meta.get("namespace", chart.namespace))
    return namespace, str(pod["spec"].get("serviceAccountName") or "default")


def binds(chart: RenderedChart, binding: RenderedObject, account: Account) -> bool:
    """Return whether a binding has a ServiceAccount as its subject, or a group with it."""
    own = str(binding.meta.get("namespace", chart.namespace))
    return any(_is_subject(each, account, own) for each in binding.body.get("subjects") or [])


def _is_subject(subject: dict[str, Any], account: Account, own: str) -> bool:
    namespace, name = account
    stated = str(subject.get("name"))
    if subject.get("kind") == "ServiceAccount":
        return (str(subject.get("namespace") or own), stated) == account
    groups = {"system:authenticated", "system:serviceaccounts"}
    of_namespace = {f"{group}:{namespace}" for group in groups}
    return stated in {*groups, *of_namespace, f"system:serviceaccount:{namespace}:{name}"}


@rule(
    "tokens/needed",
    "Set automountServiceAccountToken: false, or bind a role to the ServiceAccount.",
    house=True,
)
def check_needed(chart: RenderedChart) -> Iterator[Violation]:
    """A pod mounts the token of its ServiceAccount only if a binding gives the account rights."""
    bindings = chart.of_kind(*BINDINGS)
    for obj, pod in chart.pods():
        account = read_account(chart, obj, pod)
        mounts = pod["spec"].get("automountServiceAccountToken") is True
        bound = any(binds(chart, each, account) for each in bindings)
        if mounts and not bound and not chart.is_given(account[1]):
            wrong = f"{obj.identity} mounts the token of ServiceAccount/{account[1]}"
            path = ("spec", "automountServiceAccountToken")
            yield Violation(obj, path, f"{wrong}, to which no binding gives a role")
