"""The rules over rendered charts, a module a subject; importing the package registers them all."""

from carbon.check.rules import (
    components,
    fields,
    jobs,
    labels,
    names,
    objects,
    pods,
    quickstart,
    rbac,
    references,
    routes,
    secrets,
    security,
    selectors,
    volumes,
)

__all__ = [
    "components",
    "fields",
    "jobs",
    "labels",
    "names",
    "objects",
    "pods",
    "quickstart",
    "rbac",
    "references",
    "routes",
    "secrets",
    "security",
    "selectors",
    "volumes",
]
