"""Names that Kubernetes takes."""

import re
from collections import Counter
from collections.abc import Iterator

from carbon.check.drawn import Drawn, labels_of
from carbon.check.findings import Fault, rule

SERVICE = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")
OBJECT = re.compile(r"[a-z0-9]([-.a-z0-9]*[a-z0-9])?")
LABEL = re.compile(r"([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?")
RBAC = {"Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding"}
"""Their names are path segments and may hold a colon."""


@rule("names/valid", "Write lower-case letters, digits, '-' and '.', 63 characters at most.")
def valid(drawn: Drawn) -> Iterator[Fault]:
    """Every name is one that Kubernetes takes, and leaves room for what it adds."""
    for thing in drawn.things:
        name = thing.name if thing.kind not in RBAC else thing.name.replace(":", "-")
        longest = 52 if thing.kind in {"StatefulSet", "CronJob"} else 63
        crd = thing.kind == "CustomResourceDefinition"
        if not OBJECT.fullmatch(name) or (len(name) > longest and not crd):
            wrong = f"{thing.kind}: the name {thing.name!r} is not valid, or over {longest} long"
            yield Fault(thing, ("metadata", "name"), wrong)


@rule("names/unique", "Give each object of a kind a name of its own.")
def unique(drawn: Drawn) -> Iterator[Fault]:
    """No two objects are the same one to Kubernetes."""
    known = [(t.body.get("apiVersion"), t.identity, t.meta.get("namespace")) for t in drawn.things]
    again = {which for which, count in Counter(known).items() if count > 1}
    for thing, which in zip(drawn.things, known, strict=True):
        if which in again:
            yield Fault(thing, ("metadata", "name"), f"{thing.identity} is drawn more than once")


@rule("names/service", "Begin it with a letter: Kubernetes before 1.36 refuses any other.")
def services(drawn: Drawn) -> Iterator[Fault]:
    """The names of Services are DNS labels that begin with a letter."""
    for thing in drawn.of_kind("Service"):
        if not SERVICE.fullmatch(thing.name):
            yield Fault(thing, ("metadata", "name"), f"{thing.identity} begins with a digit")
    for thing in drawn.of_kind("StatefulSet"):
        name = str(thing.spec.get("serviceName", "a"))
        if not SERVICE.fullmatch(name):
            yield Fault(thing, ("spec", "serviceName"), f"{thing.identity}: serviceName {name}")


@rule("names/labels", "Quote the value, and cut or replace what labels can't hold.")
def label_values(drawn: Drawn) -> Iterator[Fault]:
    """Every label's value is a text that Kubernetes takes."""
    for thing in drawn.things:
        for labels in (thing.labels, *map(labels_of, thing.pods if thing.kind != "Pod" else [])):
            for key, value in labels.items():
                good = isinstance(value, str) and LABEL.fullmatch(value) and len(value) <= 63
                if not good:
                    wrong = f"label {key}: {value!r} is no label's value"
                    yield Fault(thing, ("labels", key), wrong)
