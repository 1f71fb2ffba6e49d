"""JUnit reports that programs write: the tests and the messages of those that failed."""

from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

from carbon.check.programs.process import SHOWN


def read_tests(report: Path) -> Iterator[tuple[str, str]]:
    """Yield name and message of each test of a report; the message is empty if the test passed."""
    cases = ElementTree.parse(report).iter("testcase") if report.exists() else ()  # noqa: S314
    for case in cases:
        failure = case.find("failure")
        failure = case.find("error") if failure is None else failure
        name = case.get("name", "")
        yield name, "" if failure is None else _describe(name, failure)


def _describe(name: str, failure: ElementTree.Element) -> str:
    text = (failure.text or failure.get("message") or "").strip()
    lines = text.splitlines()
    reasons = [line[1:].strip() for line in lines if line.startswith("E  ")]  # those of pytest
    return "\n".join([name, *(reasons or lines)[:SHOWN]])
