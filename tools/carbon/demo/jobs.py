"""A client of Ray's Jobs API: uploads a folder, runs a command in it, returns its output.

The API is that of Ray 2.60. The folder is uploaded to /api/packages/gcs/NAME.zip. The request that
creates a job, POST /api/jobs/, names this package as `working_dir` of the runtime environment.
"""

import hashlib
import io
import time
import zipfile
from pathlib import Path

import httpx2

from carbon.errors import CarbonError, indent_tail

_FINISHED = {"SUCCEEDED", "FAILED", "STOPPED"}
_POLL_INTERVAL = 1.0
_CHECK_RAY = "Check that the pods of ray-cluster are Ready."


class Jobs:
    """Runs jobs on the Ray cluster whose dashboard is at `url`, with the files of `folder`."""

    def __init__(self, url: str, folder: Path) -> None:
        self._http = httpx2.Client(base_url=url, timeout=60)
        self._package = self._upload(folder)

    def run(self, entrypoint: str, patience: float = 600) -> str:
        """Run a command and return its output; `patience` is in seconds.

        Raises:
            CarbonError: the job failed or did not finish in time; the message ends with the last
                lines of its output.
        """
        body = {"entrypoint": entrypoint, "runtime_env": {"working_dir": self._package}}
        name = self._request("POST", "/api/jobs/", json=body).json()["submission_id"]
        deadline = time.monotonic() + patience
        while (state := self._read_state(name)) not in _FINISHED and time.monotonic() < deadline:
            time.sleep(_POLL_INTERVAL)
        output: str = self._request("GET", f"/api/jobs/{name}/logs").json()["logs"]
        if state != "SUCCEEDED":
            ended = f"ended with status {state}"
            late = f"did not end within {patience:.0f} s, its status is {state}"
            what = f"the Ray job `{entrypoint}` {ended if state in _FINISHED else late}"
            raise CarbonError(
                f"{what}:\n{indent_tail(output, 15)}",
                f"To read the whole output, open the job {name} in Ray's dashboard.",
            )
        return output

    def _read_state(self, name: str) -> str:
        return str(self._request("GET", f"/api/jobs/{name}").json()["status"])

    def _upload(self, folder: Path) -> str:
        content = pack(folder)
        name = f"_ray_pkg_{hashlib.sha256(content).hexdigest()[:16]}.zip"
        path = f"/api/packages/gcs/{name}"
        if self._http.get(path).status_code != httpx2.codes.OK:
            self._request("PUT", path, content=content)
        return f"gcs://{name}"

    def _request(self, method: str, path: str, **more: object) -> httpx2.Response:
        try:
            answer = self._http.request(method, path, **more)  # type: ignore[arg-type]
        except httpx2.HTTPError as trouble:
            raise CarbonError(f"Ray's Jobs API does not answer: {trouble}", _CHECK_RAY) from trouble
        if answer.is_error:
            raise CarbonError(f"Ray refused {method} {path}: {answer.text[-400:]}", _CHECK_RAY)
        return answer


def pack(folder: Path) -> bytes:
    """Return the Python files of a folder as a zip; the same files give the same bytes."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(folder.glob("*.py")):
            archive.writestr(zipfile.ZipInfo(file.name), file.read_bytes())
    return content.getvalue()
