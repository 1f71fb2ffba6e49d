"""What a check says: a rule, where it is broken, and how to mend it."""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from carbon.check.drawn import Drawn, Thing

Path = tuple[str, ...]
"""Keys on the way to what is wrong, as many as are known; `name=x` is the entry called x."""


@dataclass(frozen=True)
class Fault:
    """One object that breaks a rule."""

    thing: Thing
    path: Path
    what: str


@dataclass(frozen=True)
class Finding:
    """One broken rule, as it is shown and kept."""

    rule: str
    chart: str
    case: str
    """The values it was found with."""
    file: str
    line: int
    what: str
    remedy: str = ""
    subject: str = ""
    """The object, as Kind/name, where it is about one."""

    @property
    def key(self) -> tuple[str, str, int, str]:
        """What makes it the same finding in another case."""
        return self.rule, self.file, self.line, self.what

    def plain(self) -> dict[str, Any]:
        """As JSON keeps it."""
        return asdict(self)


Examine = Callable[[Drawn], Iterator[Fault]]


@dataclass(frozen=True)
class Rule:
    """Something that holds for every render of a chart."""

    id: str
    about: str
    remedy: str
    house: bool
    """Whether it is this project's way, and says nothing about other people's charts."""
    examine: Examine | None = None
    """Its function over a render; a rule without one is examined elsewhere."""


RULES: dict[str, Rule] = {}


def rule(name: str, remedy: str, house: bool = False) -> Callable[[Examine], Examine]:
    """Register a function as the rule `name`; its docstring says what holds."""

    def register(examine: Examine) -> Examine:
        about = (examine.__doc__ or "").split("\n\n")[0]
        RULES[name] = Rule(name, " ".join(about.split()), remedy, house, examine)
        return examine

    return register


def declare(name: str, about: str, remedy: str, house: bool = False) -> str:
    """Register a rule that is no function over one render, and return its name."""
    RULES[name] = Rule(name, about, remedy, house)
    return name
