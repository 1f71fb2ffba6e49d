"""Builds docs/roles.md: the permissions of the Roles that the umbrella creates."""

from collections.abc import Iterable, Sequence
from itertools import product

from carbon.charts.discovery import UMBRELLA
from carbon.charts.render import Object, Render, render_objects
from carbon.home import ROOT

ROLES = ("viewer", "data-scientist", "engineer", "operator")
"""Label app.kubernetes.io/component of each Role; the keys in the values are in camel case."""

READ = ("get", "list", "watch")

_HEAD = """\
# Roles in the namespace

<!-- Written from the roles that the umbrella chart creates by `carbon generate`. -->

This page is for platform engineers who grant people access to the namespace: it lists the
permissions of each role.

The umbrella chart creates each role as a Role in the release's namespace. The umbrella's value
`roles` lists the subjects of each. In the table, *read* means get, list and watch. A role grants
no permission that the table does not list: none reaches another namespace or a node, and none
creates Roles. To check a permission on the cluster:

    kubectl auth can-i get pods/log --namespace data-platform --as someone --as-group ml-viewers

Two permissions reach further than the table shows:

- An engineer can't read Secrets but creates pods. A pod can mount any Secret of the namespace and
  run under any of its ServiceAccounts.
- A data scientist can forward a port to Ray's dashboard. A user of that dashboard can run code on
  Ray's workers.

"""

Grant = tuple[str, str, str]
"""API group, resource (with a subresource, such as pods/log) and verb."""


def build_render() -> Render:
    """Return a render of the umbrella with a subject in every role."""
    subjects = '{"subjects":[{"kind":"Group","name":"someone"}]}'
    keys = ("viewer", "dataScientist", "engineer", "operator")
    named = ",".join(f'"{key}":{subjects}' for key in keys)
    return Render(ROOT / UMBRELLA, sets=(f"roles={{{named}}}",))


def read_grants(roles: Iterable[Object]) -> dict[str, set[Grant]]:
    """Return the permissions of each Role, keyed by its label app.kubernetes.io/component.

    An example of a key is data-scientist.
    """
    return {
        role["metadata"]["labels"]["app.kubernetes.io/component"]: {
            grant
            for rule in role["rules"]
            for grant in product(rule["apiGroups"], rule["resources"], rule["verbs"])
        }
        for role in roles
    }


def render_grants() -> dict[str, set[Grant]]:
    """Return the permissions of the roles that the umbrella creates.

    Raises:
        CarbonError: Helm can't be built, or the chart can't be rendered.
    """
    roles = [obj for obj in render_objects(build_render()) if obj["kind"] == "Role"]
    grants = read_grants(r for r in roles if r["metadata"]["name"].startswith("platform-"))
    return {name: grants[name] for name in ROLES}


def build_document() -> str:
    """Return the text of docs/roles.md."""
    granted = render_grants()
    every = sorted({(group, resource) for own in granted.values() for group, resource, _ in own})
    head = ["resource", *ROLES]
    lines = [_build_row(head), _build_row(["---"] * len(head))]
    for group, resource in every:
        verbs = [[v for g, r, v in granted[n] if (g, r) == (group, resource)] for n in ROLES]
        name = f"{resource} ({group})" if group else resource
        lines.append(_build_row([name, *map(format_verbs, verbs)]))
    return _HEAD + "".join(lines)


def _build_row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |\n"


def format_verbs(given: Sequence[str]) -> str:
    """Return RBAC verbs as the table of docs/roles.md shows them; `no` if the list is empty."""
    reads = set(READ) <= set(given)
    others = sorted(v for v in given if not (reads and v in READ))
    return ", ".join([*(["*read*"] if reads else []), *others]) or "no"
