"""Roles, ServiceAccounts and their tokens: no more rights than a component needs."""

from collections.abc import Iterator

from carbon.check.findings import Violation, rule
from carbon.check.render.objects import RenderedChart

ROLES = ("Role", "ClusterRole")
BINDINGS = ("RoleBinding", "ClusterRoleBinding")
GAINING = {"escalate", "bind", "impersonate"}
BUILT_IN = {"admin", "cluster-admin", "edit", "view"}
"""ClusterRoles that Kubernetes creates, in addition to those whose name starts with `system:`."""
IN_SYSTEM = {"extension-apiserver-authentication-reader"}
"""Roles that Kubernetes creates in the namespace kube-system."""


@rule("rbac/wildcard", "List the groups, resources and verbs that the component uses.")
def check_wildcard(chart: RenderedChart) -> Iterator[Violation]:
    """No role has a wildcard."""
    for obj in chart.of_kind(*ROLES):
        for each in obj.body.get("rules") or []:
            for key in ("apiGroups", "resources", "verbs"):
                if "*" in (each.get(key) or []):
                    yield Violation(obj, ("rules", key), f"{obj.identity} allows all {key} (*)")


@rule("rbac/gaining", "Remove escalate, bind and impersonate.")
def check_gaining(chart: RenderedChart) -> Iterator[Violation]:
    """No role allows a subject to gain more rights than the role has."""
    for obj in chart.of_kind(*ROLES):
        for each in obj.body.get("rules") or []:
            for verb in sorted(GAINING & set(each.get("verbs") or [])):
                yield Violation(obj, ("rules", "verbs"), f"{obj.identity} allows the verb {verb}")


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
    """A binding names a role and ServiceAccounts of the chart or its values, or built-in ones."""
    for obj in chart.of_kind(*BINDINGS):
        role = obj.body.get("roleRef") or {}
        kind, name = str(role.get("kind")), str(role.get("name"))
        own = obj.meta.get("namespace", chart.namespace)
        if not (_is_there(chart, kind, name, own) or _is_built_in(kind, name, own)):
            yield Violation(
                obj, ("roleRef", "name"), f"{obj.identity}: the chart renders no {kind}/{name}"
            )
        for subject in obj.body.get("subjects") or []:
            name = str(subject.get("name"))
            where = subject.get("namespace", own)
            elsewhere = where != chart.namespace and name not in chart.names("ServiceAccount")
            if subject.get("kind") != "ServiceAccount" or elsewhere:
                continue
            if not _is_there(chart, "ServiceAccount", name, where):
                wrong = f"{obj.identity}: the chart renders no ServiceAccount/{name} in {where}"
                yield Violation(obj, ("subjects", "name"), wrong)


def _is_there(chart: RenderedChart, kind: str, name: str, namespace: str) -> bool:
    """Return whether the chart renders an object, or a values file names it."""
    return chart.is_given(name) or any(
        obj.name == name
        and (kind.startswith("Cluster") or obj.meta.get("namespace", chart.namespace) == namespace)
        for obj in chart.of_kind(kind)
    )


def _is_built_in(kind: str, name: str, namespace: str) -> bool:
    """Return whether a role is one that Kubernetes itself creates."""
    if kind == "ClusterRole":
        return name in BUILT_IN or name.startswith("system:")
    return namespace == "kube-system" and (name in IN_SYSTEM or name.startswith("system:"))


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
