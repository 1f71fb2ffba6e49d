"""NetworkPolicies open exactly the connections of the services table."""

from collections.abc import Iterator

from carbon.check.findings import Violation, rule
from carbon.check.render.objects import RenderedChart, pod_labels
from carbon.check.services.comparison import compare_policies
from carbon.check.services.entries import POLICIES, read_policy_values, read_services

DENY_ALL = "deny-all"
"""The policy in the restore drill's namespace, which has no entry in the services table."""


@rule("policies/table", f"Correct the template of {POLICIES}, not the policy.", house=True)
def check_table(chart: RenderedChart) -> Iterator[Violation]:
    """NetworkPolicies allow exactly the connections of the services table, at both ends."""
    table, settings = read_services(chart), read_policy_values(chart).get("networkPolicies") or {}
    policies = [each for each in chart.of_kind("NetworkPolicy") if each.name != DENY_ALL]
    if not table or not settings.get("enabled", True) or not policies:
        return
    workloads = {obj.workload: pod_labels(pod) for obj, pod in chart.pods()}
    deny = str(settings.get("defaultDeny"))
    bodies = [each.body for each in policies]
    by_name = {each.name: each for each in policies}
    for each in compare_policies(bodies, table, workloads, chart.namespace, deny):
        obj = by_name.get(each.policy, policies[0])
        more = f" and {each.count - 1} more connections" if each.count > 1 else ""
        state = "is open, and the table does not allow it"
        state = state if each.is_open else "is closed, and the table allows it"
        wrong = f"{each.way}: {each.example} {state}{more}"
        yield Violation(obj, ("spec", each.way), f"{obj.identity}: {wrong}")


@rule("policies/ways", "Write policyTypes: [Ingress, Egress].", house=True)
def check_ways(chart: RenderedChart) -> Iterator[Violation]:
    """Every NetworkPolicy restricts ingress and egress."""
    for obj in chart.of_kind("NetworkPolicy"):
        if sorted(obj.spec.get("policyTypes") or []) != ["Egress", "Ingress"]:
            wrong = f"{obj.identity} restricts {', '.join(obj.spec.get('policyTypes') or ['none'])}"
            yield Violation(obj, ("spec", "policyTypes"), wrong)


@rule("policies/entries", "Render the policy of the entry, or remove the other policy.", house=True)
def check_entries(chart: RenderedChart) -> Iterator[Violation]:
    """The chart renders a NetworkPolicy for each entry that has policies, and no others."""
    table, settings = read_services(chart), read_policy_values(chart).get("networkPolicies") or {}
    rendered = [each for each in chart.of_kind("NetworkPolicy") if each.name != DENY_ALL]
    if not table or not settings.get("enabled", True) or not rendered:
        return
    names = {entry.name for entry in table.values() if entry.policies}
    for obj in rendered:
        if obj.name not in names | {"default-deny"}:
            yield Violation(
                obj, ("metadata", "name"), f"{obj.identity} has no entry in global.services"
            )
    for name in sorted(names - {obj.name for obj in rendered}):
        wrong = f"the chart renders no NetworkPolicy/{name} for global.services.{name}"
        yield Violation(rendered[0], (), wrong)
