"""The rules over renders, one module a subject; importing this package registers all of them."""

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
    tokens,
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
    "tokens",
]
