"""Who may do what: the umbrella's roles as a matrix, from the objects that it draws."""

from collections.abc import Iterable, Sequence
from itertools import product

from carbon.charts.discovery import UMBRELLA
from carbon.charts.render import Object, Render, render_objects
from carbon.home import ROOT

ROLES = ("viewer", "data-scientist", "engineer", "operator")
"""In the values they are written as one word: dataScientist."""

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
"""API group, resource (with its part: pods/log) and verb."""


def render() -> Render:
    """The umbrella with someone in every role."""
    subjects = '{"subjects":[{"kind":"Group","name":"someone"}]}'
    keys = ("viewer", "dataScientist", "engineer", "operator")
    named = ",".join(f'"{key}":{subjects}' for key in keys)
    return Render(ROOT / UMBRELLA, sets=(f"roles={{{named}}}",))


def grants(roles: Iterable[Object]) -> dict[str, set[Grant]]:
    """What each Role grants, by the name it has among people: viewer, …"""
    return {
        role["metadata"]["labels"]["app.kubernetes.io/component"]: {
            grant
            for rule in role["rules"]
            for grant in product(rule["apiGroups"], rule["resources"], rule["verbs"])
        }
        for role in roles
    }


def drawn() -> dict[str, set[Grant]]:
    """What the roles of the umbrella grant.

    Raises:
        CarbonError: Helm is not built, or the chart can't be rendered.
    """
    things = [t for t in render_objects(render()) if t["kind"] == "Role"]
    found = grants(t for t in things if t["metadata"]["name"].startswith("platform-"))
    return {name: found[name] for name in ROLES}


def document() -> str:
    """The text of docs/roles.md."""
    granted = drawn()
    every = sorted({(group, resource) for own in granted.values() for group, resource, _ in own})
    head = ["resource", *ROLES]
    lines = [_row(head), _row(["---"] * len(head))]
    for group, resource in every:
        cells = [verbs([v for g, r, v in granted[n] if (g, r) == (group, resource)]) for n in ROLES]
        name = f"{resource} ({group})" if group else resource
        lines.append(_row([name, *cells]))
    return _HEAD + "".join(lines)


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |\n"


def verbs(given: Sequence[str]) -> str:
    """Verbs as the matrix writes them; nothing is a no."""
    reads = set(READ) <= set(given)
    others = sorted(v for v in given if not (reads and v in READ))
    return ", ".join([*(["*read*"] if reads else []), *others]) or "no"
