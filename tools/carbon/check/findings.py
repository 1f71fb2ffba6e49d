"""Rules, violations and findings: the terms that all packages of the check share.

A rule is a function over a rendered chart (`rule`), or is declared by name and checked elsewhere
(`declare`). A rule over a chart yields violations. A check reports findings, each made by
`make_finding`.
"""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from carbon.check.render.objects import RenderedChart, RenderedObject

KeyPath = tuple[str, ...]
"""The keys that lead to a field, as far as they are known; `name=x` is the list entry named x."""


@dataclass(frozen=True)
class Violation:
    """A violation of a rule by an object."""

    object: RenderedObject
    path: KeyPath
    what: str
    """What is wrong."""
    text: str = ""
    """The rendered line that is wrong, if `path` does not lead to it, and lines below that line."""
    quote: tuple[str, str] | None = None
    """A longer text in a field, such as a script, and the words in it that are wrong."""


@dataclass(frozen=True)
class Finding:
    """A violation of a rule in a file, as the outputs show it and the cache stores it."""

    rule: str
    chart: str
    case: str
    """The values files, or the step of the check, that led to the finding."""
    file: str
    line: int
    what: str
    remedy: str = ""
    subject: str = ""
    """The object as Kind/name; empty for a finding about a file."""
    path: KeyPath = ()
    """The field of the object."""
    objects: tuple[str, ...] = ()
    """All objects that the finding is about, if the cause of several findings is the same."""

    @property
    def key(self) -> tuple[str, str, int, str]:
        """The fields that identify the finding in all sets of values files of the chart."""
        return self.rule, self.file, self.line, self.what

    def to_dict(self) -> dict[str, Any]:
        """Return the finding as plain data for JSON."""
        return asdict(self)


Examine = Callable[[RenderedChart], Iterator[Violation]]


@dataclass(frozen=True)
class Rule:
    """A condition that every chart must meet."""

    id: str
    about: str
    remedy: str
    house: bool
    """True for a convention of this project, which does not apply to other charts."""
    examine: Examine | None = None
    """Yields the violations in a rendered chart; None if other code checks the rule."""


RULES: dict[str, Rule] = {}


def rule(name: str, remedy: str, house: bool = False) -> Callable[[Examine], Examine]:
    """Register a function as the rule `name`.

    The first paragraph of the function's docstring states the rule in reports.
    """

    def register(examine: Examine) -> Examine:
        about = (examine.__doc__ or "").split("\n\n")[0]
        RULES[name] = Rule(name, " ".join(about.split()), remedy, house, examine)
        return examine

    return register


def declare(
    name: str, about: str, remedy: str, house: bool = False, examine: Examine | None = None
) -> str:
    """Register a rule that other code checks, or `examine` if it is passed; return its name."""
    RULES[name] = Rule(name, about, remedy, house, examine)
    return name


def make_finding(
    rule: str,
    what: str,
    file: str,
    line: int = 1,
    *,
    chart: str = "",
    case: str = "",
    subject: str = "",
    path: KeyPath = (),
    remedy: str = "",
) -> Finding:
    """Return a finding for a file as `Checkout.format_path` returns it.

    Without `remedy` the finding has the remedy of the rule.

    Raises:
        KeyError: the rule is not registered and no remedy is passed.
    """
    return Finding(rule, chart, case, file, line, what, remedy or RULES[rule].remedy, subject, path)
