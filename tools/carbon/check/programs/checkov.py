"""checkov: a published rule set over single objects, in a process that loads in the background."""

import json
import subprocess
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from carbon.check.programs.process import RUN_AGAIN
from carbon.check.programs.remarks import (
    CHECKOV_FOLDER,
    WITHOUT_CHECKOV,
    Remark,
    expand,
    read_digest,
)
from carbon.check.render.objects import RenderedObject
from carbon.errors import CarbonError
from carbon.externals.python import ensure_python, get_lock
from carbon.externals.table import FOLDER

NAME = "checkov"
SCAN = FOLDER / NAME / "scan.py"


def list_inputs() -> list[Path]:
    """Return the files that checkov's remarks depend on, other than the objects."""
    return [get_lock(NAME), SCAN]


class Checkov:
    """checkov's process: it loads while other work goes on, then waits for a folder to scan.

    Loading takes seconds of CPU time, so the process starts only if checkov has a rule for one
    of the objects.
    """

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> "Checkov":
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()

    def prepare(self, objects: Iterable[RenderedObject]) -> None:
        """Start the process if checkov has a rule for one of these objects."""
        bodies = (body for each in objects for body in expand(each.body))
        if self._process is None and any(body["kind"] not in WITHOUT_CHECKOV for body in bodies):
            self._process = subprocess.Popen(
                [str(ensure_python(NAME)), str(SCAN)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
            )

    def scan(self, folder: Path) -> None:
        """Start a scan of the files that `remarks.write_objects` wrote into a folder."""
        if self._process is not None and self._process.stdin is not None:
            with suppress(BrokenPipeError):
                self._process.stdin.write(f"{folder / CHECKOV_FOLDER}\n")
                self._process.stdin.flush()

    def read_remarks(self) -> dict[str, list[Remark]]:
        """Wait for the scan and return checkov's remarks by digest.

        Raises:
            CarbonError: checkov ended without a list of its findings.
        """
        if self._process is None:
            return {}
        output, _ = self._process.communicate()
        found: dict[str, list[Remark]] = {}
        try:
            last = output.splitlines()[-1] if output.strip() else "null"
            for name, rule, about in json.loads(last):
                remark = (f"checkov/{rule}", about, f"{about}.")
                found.setdefault(read_digest(name), []).append(remark)
        except (ValueError, TypeError) as wrong:
            what = f"checkov ended without a list of its findings: {output.strip()[-500:]}"
            raise CarbonError(what, RUN_AGAIN) from wrong
        return found
