"""Roles, ServiceAccounts and their tokens: no more rights than a component needs."""

from collections.abc import Iterator

from carbon.check.findings import Violation, rule
from carbon.check.render.objects import RenderedChart

ROLES = ("Role", "ClusterRole")
BINDINGS = ("RoleBinding", "ClusterRoleBinding")
GAINING = {"escalate", "bind", "impersonate"}


@rule("rbac/wildcard", "List the groups, resources and verbs that are used.")
def check_wildcard(chart: RenderedChart) -> Iterator[Violation]:
    """No role allows everything of something."""
    for obj in chart.of_kind(*ROLES):
        for each in obj.body.get("rules") or []:
            for key in ("apiGroups", "resources", "verbs"):
                if "*" in (each.get(key) or []):
                    yield Violation(obj, ("rules", key), f"{obj.identity}: {key}: *")


@rule("rbac/gaining", "Remove escalate, bind and impersonate.")
def check_gaining(chart: RenderedChart) -> Iterator[Violation]:
    """No role lets its holder take more rights than it has."""
    for obj in chart.of_kind(*ROLES):
        for each in obj.body.get("rules") or []:
            for verb in sorted(GAINING & set(each.get("verbs") or [])):
                yield Violation(obj, ("rules", "verbs"), f"{obj.identity}: {verb}")


@rule("rbac/secrets", "Name the Secrets in resourceNames.")
def check_secrets(chart: RenderedChart) -> Iterator[Violation]:
    """No role reads all Secrets of a namespace, or changes them."""
    reading = {"get", "list", "watch", "update", "patch", "delete"}
    for obj in chart.of_kind(*ROLES):
        for each in obj.body.get("rules") or []:
            wide = "secrets" in (each.get("resources") or []) and not each.get("resourceNames")
            if wide and reading & set(each.get("verbs") or []):
                yield Violation(obj, ("rules", "resources"), f"{obj.identity}: all Secrets")


@rule("rbac/bound", "Draw the role and the account, or correct their names.")
def check_bound(chart: RenderedChart) -> Iterator[Violation]:
    """A binding joins a role and accounts that are drawn, or that Kubernetes brings."""
    for obj in chart.of_kind(*BINDINGS):
        role = obj.body.get("roleRef") or {}
        elsewhere = obj.meta.get("namespace", chart.namespace) != chart.namespace
        brought = elsewhere or (role.get("kind") == "ClusterRole" and bool(role.get("name")))
        if role.get("name") not in chart.names(str(role.get("kind"))) and not brought:
            wrong = f"{obj.identity}: there is no {role.get('kind')}/{role.get('name')}"
            yield Violation(obj, ("roleRef", "name"), wrong)
        for subject in obj.body.get("subjects") or []:
            here = subject.get("namespace", chart.namespace) == chart.namespace
            mine = subject.get("kind") == "ServiceAccount" and here
            if mine and subject.get("name") not in chart.names("ServiceAccount"):
                wrong = f"{obj.identity}: there is no ServiceAccount/{subject.get('name')}"
                yield Violation(obj, ("subjects", "name"), wrong)


@rule("rbac/admin", "Bind a role with what is used only.")
def check_admin(chart: RenderedChart) -> Iterator[Violation]:
    """Nothing is bound to cluster-admin."""
    for obj in chart.of_kind(*BINDINGS):
        if (obj.body.get("roleRef") or {}).get("name") == "cluster-admin":
            yield Violation(obj, ("roleRef", "name"), f"{obj.identity} makes a cluster-admin")


@rule("tokens/account", "Name a ServiceAccount of the component (common.podSpec).", house=True)
def check_account(chart: RenderedChart) -> Iterator[Violation]:
    """Every pod runs under an account other than `default`."""
    for obj, pod in chart.pods():
        if pod["spec"].get("serviceAccountName", "default") == "default":
            yield Violation(obj, ("spec",), f"{obj.identity} runs under the account default")


@rule("tokens/mounted", "Set automountServiceAccountToken: false, or true on purpose.", house=True)
def check_mounted(chart: RenderedChart) -> Iterator[Violation]:
    """Every pod says whether it gets a token."""
    for obj, pod in chart.pods():
        if "automountServiceAccountToken" not in pod["spec"]:
            yield Violation(obj, ("spec",), f"{obj.identity} does not say whether it gets a token")


@rule("tokens/by-account", "Set automountServiceAccountToken: false on the account.", house=True)
def check_by_account(chart: RenderedChart) -> Iterator[Violation]:
    """No account hands its token to every pod that names it."""
    for obj in chart.of_kind("ServiceAccount"):
        if obj.body.get("automountServiceAccountToken") is not False:
            wrong = f"{obj.identity} gives its token to every pod"
            yield Violation(obj, ("automountServiceAccountToken",), wrong)


@rule("tokens/service-links", "Set enableServiceLinks: false.", house=True)
def check_service_links(chart: RenderedChart) -> Iterator[Violation]:
    """No pod's environment lists the Services of the namespace (one called x sets X_PORT)."""
    for obj, pod in chart.pods():
        if pod["spec"].get("enableServiceLinks") is not False:
            wrong = f"{obj.identity}: its environment lists all Services"
            yield Violation(obj, ("enableServiceLinks",), wrong)
