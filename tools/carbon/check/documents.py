"""What programs say about single objects, each object once: kubeconform and yamllint."""

import json
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

from carbon import externals
from carbon.charts.kubernetes import CRDS, MINORS, PACKAGE, schemas
from carbon.check import published
from carbon.check.digests import combined, of_file, of_tree
from carbon.check.findings import declare
from carbon.check.result import Document
from carbon.errors import CarbonError

VALID = declare(
    "kubernetes/valid",
    "Every object is valid under every supported Kubernetes, by strict schemas.",
    "Correct the field; for a kind without a schema add it to schemas/crds/kinds.yaml.",
)
TIDY = declare(
    "yaml/tidy",
    "What is drawn is tidy YAML, in which no key stands twice.",
    "Let the key stand once, and indent as the lines around it.",
)
LINT = """
rules:
  key-duplicates: enable
  anchors: enable
  indentation: {spaces: consistent, indent-sequences: whatever, check-multi-line-strings: false}
"""
_PLACE = re.compile(r"at '([^']*)'")

Verdict = dict[str, Any]
"""For one document: `kubernetes`: minor -> messages, `yaml`: [line, message]."""


def context() -> str:
    """The hash of what verdicts depend on beside the documents."""
    programs = [externals.table()[name].digest for name in ("kubeconform", "kube-score")]
    packages = version(PACKAGE), version("yamllint")
    given = map(of_file, [Path(__file__), *published.files()])
    return combined([*programs, *packages, *MINORS, LINT, of_tree(CRDS.parent), *given])


@contextmanager
def laid_out(documents: Iterable[Document]) -> Iterator[Path]:
    """A folder with each document in a file of its own, named by its digest."""
    folder = Path(tempfile.mkdtemp(prefix="carbon-check-"))
    try:
        for each in documents:
            (folder / f"{each.digest}.json").write_text(json.dumps(each.body, default=str), "utf-8")
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def validated(folder: Path, minor: str) -> dict[str, list[str]]:
    """By digest, what is wrong with each document of a folder under a Kubernetes minor.

    Raises:
        CarbonError: kubeconform did not say something about every document.
    """
    known = schemas(minor) / "{{.ResourceKind}}{{.KindSuffix}}.json"
    command = [
        str(externals.ensure_program("kubeconform")),
        "-strict",
        "-verbose",
        "-output",
        "json",
    ]
    command += ["-n", "1", "-kubernetes-version", f"{minor}.0"]
    command += [part for each in (known, CRDS) for part in ("-schema-location", str(each))]
    done = subprocess.run([*command, str(folder)], capture_output=True, text=True, check=False)
    try:
        listed = json.loads(done.stdout)["resources"] or []
    except ValueError as wrong:
        raise CarbonError(f"kubeconform: {done.stderr.strip() or done.stdout}") from wrong
    found: dict[str, list[str]] = {}
    for each in listed:
        good = each["status"] == "statusValid"
        wrong_here = [] if good else [each["msg"] or each["status"]]
        found.setdefault(Path(each["filename"]).stem, []).extend(wrong_here)
    unseen = {path.stem for path in folder.iterdir()} - set(found)
    if unseen:
        raise CarbonError(f"kubeconform said nothing about {len(unseen)} objects under {minor}")
    return found


def linted(texts: Mapping[str, str]) -> dict[str, list[tuple[int, str]]]:
    """By digest, what yamllint says about each text."""
    from yamllint import linter
    from yamllint.config import YamlLintConfig

    rules = YamlLintConfig(LINT)
    return {
        digest: [(each.line, each.desc) for each in linter.run(text, rules)]
        for digest, text in texts.items()
    }


def place(message: str) -> tuple[str, ...]:
    """The path in an object that one of kubeconform's messages names."""
    found = _PLACE.search(message)
    return tuple(part for part in found[1].split("/") if part) if found else ()


def brief(message: str) -> str:
    """One of kubeconform's messages without the schema's address."""
    return re.sub(r"jsonschema validation failed with '[^']*'\s*-?\s*", "", message).strip()
