"""The rules over rendered charts, a module a subject; importing the package registers them all."""

from carbon.check.rules import (
    components,
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
)

__all__ = [
    "components",
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
]
