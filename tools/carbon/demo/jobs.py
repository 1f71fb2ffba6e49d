"""Ray's Jobs API: send a folder, run a command in it on the cluster, get what it printed.

The API is that of Ray 2.60: a package is PUT to /api/packages/gcs/NAME.zip, a job POSTed to
/api/jobs/ names it as its runtime environment's working_dir.
"""

import hashlib
import io
import time
import zipfile
from pathlib import Path

import httpx2

from carbon.errors import CarbonError

_OVER = {"SUCCEEDED", "FAILED", "STOPPED"}
_LOOK_EVERY = 1.0


class Jobs:
    """Jobs on the cluster whose dashboard answers at `url`."""

    def __init__(self, url: str, folder: Path) -> None:
        self._http = httpx2.Client(base_url=url, timeout=60)
        self._package = self._upload(folder)

    def run(self, entrypoint: str, patience: float = 600) -> str:
        """Run a command to its end and return what it printed; `patience` in seconds.

        Raises:
            CarbonError: it failed or took too long; the message holds the last lines it printed.
        """
        body = {"entrypoint": entrypoint, "runtime_env": {"working_dir": self._package}}
        name = self._asked("POST", "/api/jobs/", json=body).json()["submission_id"]
        deadline = time.monotonic() + patience
        while (state := self._state(name)) not in _OVER and time.monotonic() < deadline:
            time.sleep(_LOOK_EVERY)
        said: str = self._asked("GET", f"/api/jobs/{name}/logs").json()["logs"]
        if state != "SUCCEEDED":
            tail = "\n".join(f"    {line}" for line in said.strip().splitlines()[-15:])
            raise CarbonError(
                f"the Ray job `{entrypoint}` {state.lower()}:\n{tail}",
                f"ray job logs {name} has all of it.",
            )
        return said

    def _state(self, name: str) -> str:
        return str(self._asked("GET", f"/api/jobs/{name}").json()["status"])

    def _upload(self, folder: Path) -> str:
        content = packed(folder)
        name = f"_ray_pkg_{hashlib.sha256(content).hexdigest()[:16]}.zip"
        path = f"/api/packages/gcs/{name}"
        if self._http.get(path).status_code != httpx2.codes.OK:
            self._asked("PUT", path, content=content)
        return f"gcs://{name}"

    def _asked(self, method: str, path: str, **more: object) -> httpx2.Response:
        try:
            answer = self._http.request(method, path, **more)  # type: ignore[arg-type]
        except httpx2.HTTPError as trouble:
            raise CarbonError(
                f"Ray's Jobs API does not answer: {trouble}", "Is Ray Ready?"
            ) from trouble
        if answer.is_error:
            raise CarbonError(f"Ray refuses {method} {path}: {answer.text[-400:]}", "Is it Ready?")
        return answer


def packed(folder: Path) -> bytes:
    """A folder's Python files as a zip that is the same for the same content."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(folder.glob("*.py")):
            archive.writestr(zipfile.ZipInfo(file.name), file.read_bytes())
    return packed.getvalue()
