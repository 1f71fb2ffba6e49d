"""kubeconform: checks that an object is valid in a Kubernetes minor version, by strict schemas."""

import json
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from carbon import externals
from carbon.charts.kubernetes import CRDS, prepare_schemas
from carbon.check.findings import declare
from carbon.check.programs.process import RUN_AGAIN
from carbon.check.render.objects import RenderedObject
from carbon.errors import CarbonError

VALID = declare(
    "kubernetes/valid",
    "Every object is valid under every supported Kubernetes minor, by strict schemas.",
    "Correct the field; for a kind without a schema add the kind to schemas/crds/kinds.yaml.",
)
_UNKNOWN = "could not find schema"
_CUSTOM = re.compile(rf"{_UNKNOWN} .* in (?!\S+\.k8s\.io/)\S+\.\S+/\S+$")
"""The message about an object of a custom resource without a schema."""
_PATH = re.compile(r"at '([^']*)'")


@contextmanager
def write_objects(objects: Iterable[RenderedObject]) -> Iterator[Path]:
    """Write each object to a file named by its digest, and yield the temporary folder."""
    folder = Path(tempfile.mkdtemp(prefix="carbon-check-"))
    try:
        for each in objects:
            (folder / f"{each.digest}.json").write_text(json.dumps(each.body, default=str), "utf-8")
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def validate(folder: Path, minor: str) -> dict[str, list[str]]:
    """Return kubeconform's messages for each object in a folder, by digest; none if valid.

    Raises:
        CarbonError: kubeconform ended without a report, or its report lacks an object.
    """
    known = prepare_schemas(minor) / "{{.ResourceKind}}{{.KindSuffix}}.json"
    command = [str(externals.ensure_program("kubeconform")), "-strict", "-verbose"]
    command += ["-output", "json", "-n", "1", "-kubernetes-version", f"{minor}.0"]
    command += [part for each in (known, CRDS) for part in ("-schema-location", str(each))]
    done = subprocess.run([*command, str(folder)], capture_output=True, text=True, check=False)
    try:
        listed = json.loads(done.stdout)["resources"] or []
    except ValueError as wrong:
        what = f"kubeconform ended without a report: {done.stderr.strip() or done.stdout}"
        raise CarbonError(what, RUN_AGAIN) from wrong
    found: dict[str, list[str]] = {}
    for each in listed:
        good = each["status"] == "statusValid"
        messages = [] if good else [each["msg"] or each["status"]]
        if messages and _UNKNOWN in messages[0]:
            messages = [f"{messages[0]} in {each['version']}"]
        found.setdefault(Path(each["filename"]).stem, []).extend(messages)
    missing = {path.stem for path in folder.iterdir()} - set(found)
    if missing:
        what = f"kubeconform reported nothing on {len(missing)} objects under {minor}"
        raise CarbonError(what, RUN_AGAIN)
    return found


def find_path(message: str) -> tuple[str, ...]:
    """Return the path in an object that a message of kubeconform names."""
    found = _PATH.search(message)
    return tuple(part for part in found[1].split("/") if part) if found else ()


def lacks_schema(message: str) -> bool:
    """Return whether a message is about an object of a custom resource without a schema."""
    return _CUSTOM.search(message) is not None


def shorten(message: str) -> str:
    """Return a message of kubeconform without the address of the schema."""
    return re.sub(r"jsonschema validation failed with '[^']*'\s*-?\s*", "", message).strip()
