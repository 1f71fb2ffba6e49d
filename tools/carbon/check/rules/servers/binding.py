"""The addresses on which the options and variables of a container let its server listen."""

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from carbon.check.rules.volumes.places import Place
from carbon.check.rules.volumes.reading import Text, list_texts, strip_comments

LOCAL = re.compile(r"127\.[\d.]+|localhost|::1|\[::1\]")
ADDRESS = {"addr", "address", "bind", "host", "hostname", "interface", "ip", "listen"}
"""The words of an option's name that stand for an address."""
OTHERS = "db|database|postgres|redis|mysql|upstream|remote|target"
"""Pattern of words in the name of an option that concerns another server."""
CLIENT = re.compile(f"advertise|{OTHERS}")
"""Words in the name of an option whose address the container does not listen on."""
PROGRAM = re.compile(r"(?:.*/)?(?:curl|mysql\w*|nc|psql|pg_\w+|(?:redis|valkey)-cli|wget)")
"""A program whose options name the server that it connects to."""
WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+|\d+")
OPTION = re.compile(r"-{1,2}([A-Za-z][\w.-]*)(?:=(.*))?")
VALUE = re.compile(r"(?P<host>[\w.]+|\[[\da-f:.]*\]|::1?)?(?::(?P<port>\d{1,5}))?")
"""A host, a port, or both."""


class Option(NamedTuple):
    """An option of a command, or a variable."""

    name: str
    value: str
    text: Text

    @property
    def words(self) -> list[str]:
        """The words of the name, such as metrics and ip of metricsIp."""
        return [word.lower() for word in WORDS.findall(self.name)]

    @property
    def server(self) -> tuple[str, ...]:
        """The words of the name without those for an address or a port."""
        return tuple(word for word in self.words if word not in {*ADDRESS, "port"})


class Binding(NamedTuple):
    """A port, and the option that sets the address on which the server listens."""

    port: int
    option: Option

    @property
    def is_local(self) -> bool:
        """True if the address is the loopback address, which no other pod reaches."""
        found = VALUE.fullmatch(self.option.value)
        return found is not None and bool(LOCAL.fullmatch(found["host"] or ""))


def list_bindings(place: Place) -> list[Binding]:
    """Return the ports of a container for which an option or a variable sets the address.

    An address without a port of its own applies to all listed ports that have no other address.
    """
    options = list(_list_options(place))
    ports = {each.server: each.value for each in options if each.words[-1:] == ["port"]}
    found, rest = [], []
    for each in options:
        value = VALUE.fullmatch(each.value)
        if value is None or each.words[-1] == "port" or not ADDRESS & set(each.words):
            continue
        number = value["port"] or ports.get(each.server, "")
        if number.isdigit():
            found.append(Binding(int(number), each))
        elif not each.server:
            rest.append(each)
    listed = {port.get("containerPort") for port in place.container.body.get("ports") or []}
    listed -= {each.port for each in found}
    return found + [Binding(port, each) for each in rest for port in sorted(listed)]


def _list_options(place: Place) -> Iterator[Option]:
    texts = list(list_texts(place.container.body))
    for text in texts:
        words = set(text.name.lower().split("_"))
        if text.keys[0] == "env" and (words & {"bind", "listen"} or words <= {"host", "port"}):
            yield Option(text.name, text.text, text)
    command = [text for text in texts if text.name in {"command", "args"}]
    yield from _read_command([(text.text, text) for text in command])
    scripts = [text for text in command if re.search(r"\s", text.text)]
    for file, script in place.scripts.items():
        if file.endswith(".sh"):
            scripts.append(Text(("command",), file, strip_comments(file, script)))
    for each in scripts:
        for line in re.split(r"[\n;&|()]+", each.text.replace("\\\n", " ")):
            yield from _read_command([(word.strip("\"'"), each) for word in line.split()])


def _read_command(words: list[tuple[str, Text]]) -> Iterator[Option]:
    """Yield the options of a command; none of a client, whose options name a server."""
    if any(PROGRAM.fullmatch(word) for word, _ in words):
        return
    for (word, text), (after, value) in pairwise([*words, ("-", words[-1][1])] if words else ()):
        named = OPTION.fullmatch(word)
        if named and not CLIENT.search(word.lower()):
            if named[2] is not None:
                yield Option(named[1], named[2].strip("\"'"), text)
            elif not after.startswith("-"):
                yield Option(named[1], after, value)
