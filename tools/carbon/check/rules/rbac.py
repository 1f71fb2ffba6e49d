"""Roles, ServiceAccounts and their tokens: no more rights than a component needs."""

from collections.abc import Iterator

from carbon.check.findings import Violation, rule
from carbon.check.render.objects import RenderedChart

ROLES = ("Role", "ClusterRole")
BINDINGS = ("RoleBinding", "ClusterRoleBinding")
GAINING = {"escalate", "bind", "impersonate"}


@rule("rbac/wildcard", "List the groups, resources and verbs that the component uses.")
def check_wildcard(chart: RenderedChart) -> Iterator[Violation]:
    """No role has a wildcard."""
    for obj in chart.of_kind(*ROLES):
        for each in obj.body.get("rules") or []:
            for key in ("apiGroups", "resources", "verbs"):
                if "*" in (each.get(key) or []):
                    yield Violation(obj, ("rules", key), f"{obj.identity}: {key}: *")


@rule("rbac/gaining", "Remove escalate, bind and impersonate.")
def check_gaining(chart: RenderedChart) -> Iterator[Violation]:
    """No role allows a subject to gain more rights than the role has."""
    for obj in chart.of_kind(*ROLES):
        for each in obj.body.get("rules") or []:
            for verb in sorted(GAINING & set(each.get("verbs") or [])):
                yield Violation(obj, ("rules", "verbs"), f"{obj.identity}: {verb}")


@rule("rbac/secrets", "List the Secrets in resourceNames.")
def check_secrets(chart: RenderedChart) -> Iterator[Violation]:
    """No role allows access to all Secrets of a namespace."""
    reading = {"get", "list", "watch", "update", "patch", "delete"}
    for obj in chart.of_kind(*ROLES):
        for each in obj.body.get("rules") or []:
            wide = "secrets" in (each.get("resources") or []) and not each.get("resourceNames")
            if wide and reading & set(each.get("verbs") or []):
                yield Violation(
                    obj, ("rules", "resources"), f"{obj.identity} allows access to all Secrets"
                )


@rule("rbac/bound", "Render the role and the ServiceAccount, or correct their names.")
def check_bound(chart: RenderedChart) -> Iterator[Violation]:
    """A binding names a role and ServiceAccounts of the chart, or built-in ones."""
    for obj in chart.of_kind(*BINDINGS):
        role = obj.body.get("roleRef") or {}
        elsewhere = obj.meta.get("namespace", chart.namespace) != chart.namespace
        built_in = elsewhere or (role.get("kind") == "ClusterRole" and bool(role.get("name")))
        if role.get("name") not in chart.names(str(role.get("kind"))) and not built_in:
            wrong = f"{obj.identity}: there is no {role.get('kind')}/{role.get('name')}"
            yield Violation(obj, ("roleRef", "name"), wrong)
        for subject in obj.body.get("subjects") or []:
            here = subject.get("namespace", chart.namespace) == chart.namespace
            mine = subject.get("kind") == "ServiceAccount" and here
            if mine and subject.get("name") not in chart.names("ServiceAccount"):
                wrong = f"{obj.identity}: there is no ServiceAccount/{subject.get('name')}"
                yield Violation(obj, ("subjects", "name"), wrong)


@rule("rbac/admin", "Bind a role with only the rights that the component uses.")
def check_admin(chart: RenderedChart) -> Iterator[Violation]:
    """No binding names cluster-admin."""
    for obj in chart.of_kind(*BINDINGS):
        if (obj.body.get("roleRef") or {}).get("name") == "cluster-admin":
            yield Violation(obj, ("roleRef", "name"), f"{obj.identity} binds cluster-admin")


@rule("tokens/account", "Set the component's own ServiceAccount (common.podSpec).", house=True)
def check_account(chart: RenderedChart) -> Iterator[Violation]:
    """Every pod has a ServiceAccount other than `default`."""
    for obj, pod in chart.pods():
        if pod["spec"].get("serviceAccountName", "default") == "default":
            yield Violation(obj, ("spec",), f"{obj.identity} has the ServiceAccount default")


@rule(
    "tokens/mounted",
    "Set automountServiceAccountToken: false, or true if the pod calls the API server.",
    house=True,
)
def check_mounted(chart: RenderedChart) -> Iterator[Violation]:
    """Every pod states whether it mounts a ServiceAccount token."""
    for obj, pod in chart.pods():
        if "automountServiceAccountToken" not in pod["spec"]:
            yield Violation(
                obj, ("spec",), f"{obj.identity} does not set automountServiceAccountToken"
            )


@rule(
    "tokens/by-account",
    "Set automountServiceAccountToken: false on the ServiceAccount.",
    house=True,
)
def check_by_account(chart: RenderedChart) -> Iterator[Violation]:
    """No ServiceAccount mounts its token in every pod by default."""
    for obj in chart.of_kind("ServiceAccount"):
        if obj.body.get("automountServiceAccountToken") is not False:
            wrong = f"{obj.identity} mounts its token in every pod"
            yield Violation(obj, ("automountServiceAccountToken",), wrong)


@rule("tokens/service-links", "Set enableServiceLinks: false.", house=True)
def check_service_links(chart: RenderedChart) -> Iterator[Violation]:
    """No pod has environment variables for the namespace's Services (X_PORT for a Service x)."""
    for obj, pod in chart.pods():
        if pod["spec"].get("enableServiceLinks") is not False:
            wrong = f"{obj.identity} has environment variables for all Services"
            yield Violation(obj, ("enableServiceLinks",), wrong)
