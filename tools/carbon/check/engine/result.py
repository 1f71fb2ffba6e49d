"""A task of a check, and its result: findings, counts and rendered objects."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from carbon.charts.render import Object
from carbon.check.findings import Finding
from carbon.check.render.objects import RenderedObject


@dataclass
class Result:
    """The result of one task. `to_dict` is what the cache stores."""

    findings: list[Finding] = field(default_factory=list)
    rendered: list[tuple[str, str, str]] = field(default_factory=list)
    """Digest, template and identity of each rendered object."""
    counts: dict[str, int] = field(default_factory=dict)
    """Number of renders, tests, …; `bytes` is the size of the release."""
    objects: dict[str, RenderedObject] = field(default_factory=dict)
    """The rendered objects by digest; the cache does not store them."""
    failed: bool = False
    """True if an error ended the task; the cache does not store the result then."""

    @property
    def bodies(self) -> list[Object]:
        """The rendered objects in order, as long as the result was not stored."""
        return [self.objects[digest].body for digest, _, _ in self.rendered]

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for the cache."""
        return {
            "findings": [finding.to_dict() for finding in self.findings],
            "rendered": self.rendered,
            "counts": self.counts,
        }


@dataclass(frozen=True)
class Task:
    """A function call with its arguments, which a worker process runs."""

    chart: str
    label: str
    key: str
    """The hash of all inputs."""
    call: Callable[..., Result]
    args: tuple[object, ...]
    weight: int = 1
    """About how many renders take as long as the task. The longest tasks start first."""
    renders: bool = False
    """True if the task's result contains rendered objects."""


def from_dict(stored: dict[str, Any]) -> Result:
    """Return the result from the plain data that `to_dict` returned."""
    return Result(
        [from_plain(finding) for finding in stored["findings"]],
        [(digest, source, name) for digest, source, name in stored["rendered"]],
        stored["counts"],
    )


def from_plain(stored: dict[str, Any]) -> Finding:
    """Return the finding from its plain data, whose tuples JSON stored as lists."""
    lists = {name: tuple(stored[name]) for name in ("path", "objects")}
    return Finding(**(stored | lists))
