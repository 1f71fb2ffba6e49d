"""What came of one task: findings, and the documents that others go on with."""

from dataclasses import dataclass, field
from typing import Any

from carbon.check.findings import Finding


@dataclass
class Document:
    """One object as Helm printed it, without the comment that names its template."""

    digest: str
    text: str
    body: dict[str, Any]


@dataclass
class Result:
    """What one task found; the part that is kept is plain data."""

    findings: list[Finding] = field(default_factory=list)
    drawn: list[tuple[str, str, str]] = field(default_factory=list)
    """Digest, template and identity of each object drawn."""
    counts: dict[str, int] = field(default_factory=dict)
    """What was counted: renders, tests, bytes of the release."""
    documents: dict[str, Document] = field(default_factory=dict)
    """By digest; not kept."""

    def plain(self) -> dict[str, Any]:
        """As the cache keeps it."""
        return {
            "findings": [finding.plain() for finding in self.findings],
            "drawn": self.drawn,
            "counts": self.counts,
        }


def from_plain(kept: dict[str, Any]) -> Result:
    """A result that was kept."""
    return Result(
        [Finding(**finding) for finding in kept["findings"]],
        [(digest, source, name) for digest, source, name in kept["drawn"]],
        kept["counts"],
    )
