"""Roles: no more than is needed, and bound to what is there."""

from collections.abc import Iterator

from carbon.check.drawn import Drawn
from carbon.check.findings import Fault, rule

ROLES = ("Role", "ClusterRole")
BINDINGS = ("RoleBinding", "ClusterRoleBinding")
GAINING = {"escalate", "bind", "impersonate"}


@rule("rbac/wildcard", "List the groups, resources and verbs that are used.")
def wildcard(drawn: Drawn) -> Iterator[Fault]:
    """No role allows everything of something."""
    for thing in drawn.of_kind(*ROLES):
        for each in thing.body.get("rules") or []:
            for key in ("apiGroups", "resources", "verbs"):
                if "*" in (each.get(key) or []):
                    yield Fault(thing, ("rules", key), f"{thing.identity}: {key}: *")


@rule("rbac/gaining", "Remove escalate, bind and impersonate.")
def gaining(drawn: Drawn) -> Iterator[Fault]:
    """No role lets its holder take more rights than it has."""
    for thing in drawn.of_kind(*ROLES):
        for each in thing.body.get("rules") or []:
            for verb in sorted(GAINING & set(each.get("verbs") or [])):
                yield Fault(thing, ("rules", "verbs"), f"{thing.identity}: {verb}")


@rule("rbac/secrets", "Name the Secrets in resourceNames.")
def secrets(drawn: Drawn) -> Iterator[Fault]:
    """No role reads all Secrets of a namespace, or changes them."""
    reading = {"get", "list", "watch", "update", "patch", "delete"}
    for thing in drawn.of_kind(*ROLES):
        for each in thing.body.get("rules") or []:
            wide = "secrets" in (each.get("resources") or []) and not each.get("resourceNames")
            if wide and reading & set(each.get("verbs") or []):
                yield Fault(thing, ("rules", "resources"), f"{thing.identity}: all Secrets")


@rule("rbac/bound", "Draw the role and the account, or correct their names.")
def bound(drawn: Drawn) -> Iterator[Fault]:
    """A binding joins a role and accounts that are drawn, or that Kubernetes brings."""
    for thing in drawn.of_kind(*BINDINGS):
        role = thing.body.get("roleRef") or {}
        elsewhere = thing.meta.get("namespace", drawn.namespace) != drawn.namespace
        brought = elsewhere or (role.get("kind") == "ClusterRole" and bool(role.get("name")))
        if role.get("name") not in drawn.names(str(role.get("kind"))) and not brought:
            wrong = f"{thing.identity}: there is no {role.get('kind')}/{role.get('name')}"
            yield Fault(thing, ("roleRef", "name"), wrong)
        for subject in thing.body.get("subjects") or []:
            here = subject.get("namespace", drawn.namespace) == drawn.namespace
            mine = subject.get("kind") == "ServiceAccount" and here
            if mine and subject.get("name") not in drawn.names("ServiceAccount"):
                wrong = f"{thing.identity}: there is no ServiceAccount/{subject.get('name')}"
                yield Fault(thing, ("subjects", "name"), wrong)


@rule("rbac/admin", "Bind a role with what is used only.")
def admin(drawn: Drawn) -> Iterator[Fault]:
    """Nothing is bound to cluster-admin."""
    for thing in drawn.of_kind(*BINDINGS):
        if (thing.body.get("roleRef") or {}).get("name") == "cluster-admin":
            yield Fault(thing, ("roleRef", "name"), f"{thing.identity} makes a cluster-admin")
