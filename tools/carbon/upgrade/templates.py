"""What templates call: functions by which renders differ, and those that refuse values.

Renders differ by random values, the time, lookups and the kind of operation.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from carbon.upgrade.findings import Finding, Severity

_COMMENT = re.compile(r"\{\{-?\s*/\*.*?\*/\s*-?\}\}", re.S)
_ACTION = re.compile(r"\{\{.*?\}\}", re.S)
_TEXT = re.compile(r'"(?:\\.|[^"\\])*"|`[^`]*`')
_UNSTABLE = (
    (
        re.compile(
            r"\b(rand(?:AlphaNum|Alpha|Ascii|Numeric|Bytes|Int)|shuffle|uuidv4|bcrypt|htpasswd|"
            r"gen(?:CA|SelfSignedCert|SignedCert|PrivateKey|CAWithKey|SelfSignedCertWithKey|"
            r"SignedCertWithKey)|encryptAES)\b"
        ),
        "random",
        "Each upgrade renders another value: passwords and certificates change, pods restart.",
        "Create the value once, in a Job or by hand, and refer to the Secret.",
    ),
    (
        re.compile(r"\b(now|ago|unixEpoch)\b"),
        "time",
        "Each upgrade renders another value, so that pods restart.",
        "Render a value that depends on values only.",
    ),
    (
        re.compile(r"\b(lookup)\b"),
        "lookup",
        "Argo CD and `helm template` find nothing, and render another object than Helm.",
        "Render what depends on values only.",
    ),
    (
        re.compile(r"\.Release\.(Revision|IsInstall|IsUpgrade)\b"),
        "operation",
        "An upgrade renders other objects than an installation, and Argo CD always renders an "
        "installation of revision 1.",
        "Render what depends on values only; name a Job by a hash of its pod template.",
    ),
)


_REFUSING = re.compile(r"\b(fail|required)\b")
_PROBLEM = 'include "common.problem"'
"""The call by which a chart of this project refuses a value."""


def compare_templates(chart: str, old: Path, new: Path) -> Iterator[Finding]:
    """Yield each function in a template of the new version that makes renders differ."""
    for path in _list_templates(new):
        inside = path.relative_to(new)
        known = {name for name, _, _ in list_unstable(_read(old / inside))}
        for name, line, (kind, why, remedy) in list_unstable(_read(path)):
            if name not in known:
                yield Finding(
                    f"template/{kind}",
                    Severity.BREAKING if kind == "random" else Severity.PERSON,
                    chart,
                    (str(inside), str(line)),
                    f"calls {name}",
                    why,
                    remedy,
                    new=name,
                )


def _list_templates(chart: Path) -> list[Path]:
    found = (chart / "templates").rglob("*")
    kinds = ".yaml", ".yml", ".tpl", ".json"
    return sorted(path for path in found if path.suffix in kinds and path.is_file())


def count_checks(chart: Path) -> int:
    """Return the number of places in the templates of a chart that can refuse values."""
    return sum(
        len(_REFUSING.findall(_TEXT.sub('""', action[0]))) + action[0].count(_PROBLEM)
        for path in _list_templates(chart)
        for action in _ACTION.finditer(_COMMENT.sub("", _read(path)))
    )


def _read(path: Path) -> str:
    return path.read_text("utf-8", errors="ignore") if path.is_file() else ""


def list_unstable(text: str) -> Iterator[tuple[str, int, tuple[str, str, str]]]:
    """Yield name, line, and kind, reason and remedy of each unstable function in a template."""
    plain = _COMMENT.sub(lambda match: "\n" * match[0].count("\n"), text)
    for action in _ACTION.finditer(plain):
        code = _TEXT.sub('""', action[0])
        for pattern, kind, why, remedy in _UNSTABLE:
            for match in pattern.finditer(code):
                line = plain.count("\n", 0, action.start()) + code.count("\n", 0, match.start()) + 1
                yield match[1], line, (kind, why, remedy)
