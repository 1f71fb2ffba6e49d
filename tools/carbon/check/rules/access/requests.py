"""The roles of a ServiceAccount and what the scripts of its pods request from the API server."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import product
from typing import Any

from carbon.check.findings import Violation, rule
from carbon.check.render.objects import RenderedChart, RenderedObject
from carbon.check.rules.access.calls import Request, list_requests
from carbon.check.rules.access.expressions import UNKNOWN
from carbon.check.rules.access.tokens import Account, binds, read_account
from carbon.check.rules.rbac import BINDINGS
from carbon.check.rules.volumes.places import Place, list_places
from carbon.check.sources.lines import find_in_yaml_text

WHOLE = {"create", "deletecollection", "list", "watch"}
"""Verbs that a rule with resourceNames does not allow for a whole collection."""
BY_NAME = {"get", "patch", "update", "delete"}
"""Verbs for a single object."""


@dataclass(frozen=True, eq=False)
class Permission:
    """A rule of a role."""

    role: RenderedObject
    at: int
    body: dict[str, Any]

    @property
    def allowed(self) -> tuple[set[str], set[str], set[str]]:
        """The API groups, resources and verbs."""
        return self.read("apiGroups"), self.read("resources"), self.read("verbs")

    def includes(self, request: Request) -> bool:
        """Return whether the rule is about the resource of a request; true if it is not known."""
        if request.resource == UNKNOWN:
            return True
        group, resource = self.read("apiGroups"), self.read("resources")
        return bool({request.group, "*"} & group and {request.resource, "*"} & resource)

    def allows(self, request: Request) -> bool:
        """Return whether the rule allows a request."""
        verbs = {"*", *request.verbs} & self.read("verbs")
        if self.body.get("resourceNames") and not request.is_named:
            verbs -= WHOLE
        return self.includes(request) and bool(verbs)

    def is_related(self, request: Request) -> bool:
        """Return whether the rule has resources of the API group of a request."""
        return request.resource == UNKNOWN or bool({request.group, "*"} & self.read("apiGroups"))

    def compare(self, request: Request) -> tuple[bool, bool, bool, bool, int]:
        """Return a sort key for a request that no rule allows: the lowest is the rule to extend."""
        included = self.includes(request)
        lacks_verb = not included and not self.read("verbs") & set(request.verbs)
        other = bool(self.body.get("resourceNames")) != request.is_named
        number = len(self.read("resources"))
        return not self.is_related(request), not included, lacks_verb, other, number

    def read(self, key: str) -> set[str]:
        """Return the entries of a field of the rule: verbs, resources or apiGroups."""
        return {str(each) for each in self.body.get(key) or []}


@dataclass(frozen=True, eq=False)
class User:
    """A ServiceAccount with the containers of its pods and the rules of its roles."""

    account: Account
    places: list[Place]
    permissions: list[Permission]

    @cached_property
    def requests(self) -> list[tuple[Place, str, Request]]:
        """The requests of all scripts: container, path of the script, and request."""
        return [
            (place, script, request)
            for place in self.places
            for script, text in place.scripts.items()
            if script.endswith(".py")
            for request in list_requests(text)
        ]

    @cached_property
    def refused(self) -> dict[tuple[Permission, str], list[tuple[str, Request]]]:
        """The requests that no rule allows, by the rule to extend and the field of that rule."""
        found = defaultdict(list)
        for place, script, request in self.requests:
            if not any(each.allows(request) for each in self.permissions):
                best = min(self.permissions, key=lambda each: each.compare(request), default=None)
                if best is not None and best.is_related(request):
                    key = "verbs" if best.includes(request) else "resources"
                    where = f"{script} ({place.container.name})"
                    found[best, key].append((where, request))
        return found

    @property
    def only_runs_scripts(self) -> bool:
        """True if every container with the token runs a script that calls the API server."""
        calling = [place for place, _, _ in self.requests]
        return all(
            place in calling
            for place in self.places
            if place.container.pod["spec"].get("automountServiceAccountToken") is not False
        )

    def uses(self, permission: Permission, verb: str, resource: str) -> bool:
        """Return whether a script needs a verb for a resource of a rule."""
        groups = permission.read("apiGroups")
        return any(
            verb in request.verbs
            and (
                request.resource == UNKNOWN
                or (request.group in groups and request.resource == resource)
            )
            for _, _, request in self.requests
        )


@lru_cache(2)
def list_users(chart: RenderedChart) -> list[User]:
    """Return every ServiceAccount whose pods have a script that calls the API server."""
    found = defaultdict(list)
    for place in list_places(chart):
        found[read_account(chart, place.container.object, place.container.pod)].append(place)
    users = [User(each, places, _list_permissions(chart, each)) for each, places in found.items()]
    return [user for user in users if user.requests]


def _list_permissions(chart: RenderedChart, account: Account) -> list[Permission]:
    """Return the rules of all roles of the chart that a binding gives to a ServiceAccount."""
    found = []
    for binding in chart.of_kind(*BINDINGS):
        named = binding.body.get("roleRef") or {}
        own = binding.meta.get("namespace", chart.namespace)
        for role in chart.of_kind(str(named.get("kind"))) if binds(chart, binding, account) else ():
            there = role.kind == "ClusterRole" or role.meta.get("namespace", own) == own
            if role.name == named.get("name") and there:
                rules = enumerate(role.body.get("rules") or [])
                found += [Permission(role, at, body) for at, body in rules]
    return found


@rule("tokens/called", "Set automountServiceAccountToken: true (`token` of common.podSpec).", True)
def check_called(chart: RenderedChart) -> Iterator[Violation]:
    """A pod with a script that calls the API server mounts the token of its ServiceAccount."""
    for user in list_users(chart):
        for place, script, _ in user.requests:
            spec = place.container.pod["spec"]
            if spec.get("automountServiceAccountToken") is False:
                wrong = f"{place.container.name}: {script} calls the API server without a token"
                path = ("spec", "automountServiceAccountToken")
                yield Violation(place.container.object, path, wrong)
                break


@rule("rbac/called", "Add the verb or the resource to the role, or remove the call.", house=True)
def check_verbs(chart: RenderedChart) -> Iterator[Violation]:
    """The roles of a ServiceAccount allow what the scripts of its pods request.

    A request for an API group of which the roles list no resource is not reported: the script can
    skip this call for some values.
    """
    for user in list_users(chart):
        for (each, key), found in user.refused.items():
            verbs = sorted({" or ".join(request.verbs) for _, request in found})
            resources = sorted({request.resource for _, request in found} - {UNKNOWN})
            what = f"{' and '.join(verbs)} {', '.join(resources) or 'any objects'}"
            where, first = found[0]
            wrong = f"{each.role.identity} does not allow to {what}, which {where} does"
            yield _report(chart, each, key, f"{wrong}: {first.words}")


@rule("rbac/unused", "Remove the verb or the resource from the role.", house=True)
def check_unused(chart: RenderedChart) -> Iterator[Violation]:
    """A role of pods that only run scripts allows nothing that the scripts do not request."""
    for user in list_users(chart):
        lacking = [each.allowed for each, _ in user.refused]  # rbac/called reports these
        for each in user.permissions if user.only_runs_scripts else ():
            if each.allowed in lacking:
                continue
            verbs, resources = each.read("verbs"), each.read("resources")
            pairs = [(verb, resource) for verb in verbs for resource in resources]
            used = {pair for pair in pairs if user.uses(each, *pair)}
            for key, names, at in (("verbs", verbs, 0), ("resources", resources, 1)):
                rest = sorted(names - {pair[at] for pair in used})
                for name in rest:
                    shown = (name, ", ".join(sorted(resources))) if at == 0 else ("use", name)
                    what = f"{each.role.identity} allows to {' '.join(shown)}"
                    wrong = f"{what}, which no script of ServiceAccount/{user.account[1]} does"
                    yield _report(chart, each, key, wrong)
                if rest:
                    break


@rule("rbac/names", "List the objects in resourceNames.", house=True)
def check_names(chart: RenderedChart) -> Iterator[Violation]:
    """A role of scripts lists its objects in resourceNames, unless a script lists all objects."""
    for user in list_users(chart):
        listed = {(r.group, r.resource) for _, _, r in user.requests if "list" in r.verbs}
        for each in user.permissions if user.only_runs_scripts else ():
            verbs = sorted(each.read("verbs") & BY_NAME)
            for group, resource in product(each.read("apiGroups"), each.read("resources")):
                if verbs and not each.body.get("resourceNames") and (group, resource) not in listed:
                    wrong = f"{each.role.identity} allows to {verbs[0]} all {resource}"
                    yield _report(chart, each, "resources", wrong)


def _report(chart: RenderedChart, permission: Permission, key: str, wrong: str) -> Violation:
    """Return a violation at a field of a rule, also if two namespaces have a role of that name."""
    role, path = permission.role, ("rules", str(permission.at), key)
    if sum(obj.identity == role.identity for obj in chart.objects) == 1:
        return Violation(role, path, wrong)
    line = find_in_yaml_text(role.text, path)
    return Violation(role, (), wrong, text=role.text.splitlines()[line - 1].strip())
