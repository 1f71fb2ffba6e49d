"""User roles of the umbrella: each includes the previous one, and none extends its own rights."""

from collections.abc import Iterator
from itertools import pairwise, product

from carbon.charts.generate.roles import READ, ROLES
from carbon.check.findings import Violation, rule
from carbon.check.render.objects import RenderedChart, RenderedObject
from carbon.check.rules.rbac import GAINING
from carbon.check.rules.rbac import ROLES as KINDS

RBAC = "rbac.authorization.k8s.io"
TOKENS = ("", "serviceaccounts/token")
"""API group and resource by which a subject gets the token of another ServiceAccount."""
PREFIX = "platform-"
Grant = tuple[str, str, str]
"""API group, resource and verb."""


def list_grants(role: RenderedObject) -> set[Grant]:
    """Return every combination of group, resource and verb that a role allows."""
    return {
        grant
        for each in role.body.get("rules") or []
        for grant in product(
            each.get("apiGroups") or [], each.get("resources") or [], each.get("verbs") or []
        )
    }


@rule("roles/extends", "Remove the permission.", house=True)
def check_extends(chart: RenderedChart) -> Iterator[Violation]:
    """No role allows a subject to write roles or bindings, or to get a ServiceAccount's token."""
    for obj in chart.of_kind(*KINDS):
        for group, resource, verb in sorted(list_grants(obj)):
            writes = group == RBAC and verb not in {*READ, *GAINING}
            if writes or ((group, resource) == TOKENS and verb == "create"):
                wrong = f"{obj.identity} allows to {verb} {resource}"
                yield Violation(obj, ("rules", "resources"), wrong)


@rule("roles/includes", "Add the permission to the role with more rights.", house=True)
def check_includes(chart: RenderedChart) -> Iterator[Violation]:
    """Each user role allows what the previous role allows, and more."""
    roles = {obj.name: obj for obj in chart.of_kind("Role") if chart.is_umbrella}
    there = [name for name in ROLES if PREFIX + name in roles]
    for less, more in pairwise(there):
        lesser, greater = (list_grants(roles[PREFIX + name]) for name in (less, more))
        for _, resource, verb in sorted(lesser - greater):
            wrong = f"Role/{PREFIX}{more} does not allow to {verb} {resource}, as {less} does"
            yield Violation(roles[PREFIX + more], ("rules",), wrong)
        if lesser == greater:
            wrong = f"Role/{PREFIX}{more} allows no more than {less}"
            yield Violation(roles[PREFIX + more], ("rules",), wrong)
