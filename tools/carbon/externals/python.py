"""External programs that are Python packages: each in an environment of its own in the cache.

`tools/externals/NAME/requirements.lock` pins all of its packages with their checksums.
"""

import fcntl
import hashlib
import shutil
import sys
from pathlib import Path

from carbon.console import step
from carbon.externals.table import FOLDER
from carbon.home import home
from carbon.process import run


def lock(name: str) -> Path:
    """The file that pins a package and all it needs."""
    return FOLDER / name / "requirements.lock"


def python(name: str) -> Path:
    """The Python of a package's environment; it is made first if there is none.

    Raises:
        CarbonError: a package can't be had, or differs from its pin.
    """
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    pins = hashlib.sha256(lock(name).read_bytes()).hexdigest()[:12]
    place = home() / "bin" / name / f"{version}-{pins}"
    place.parent.mkdir(parents=True, exist_ok=True)
    with (place.parent / ".lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        if not (place / ".done").exists():
            with step(f"installing {name}"):
                _make(name, place)
    return place / "bin" / "python"


def _make(name: str, place: Path) -> None:
    shutil.rmtree(place, ignore_errors=True)
    uv = [sys.executable, "-m", "uv", "--quiet"]
    run([*uv, "venv", "--python", sys.executable, place])
    remedy = "Point uv at an index that serves it and run the same again."
    pins: list[str | Path] = ["--require-hashes", "-r", lock(name)]
    run([*uv, "pip", "install", "--python", place / "bin" / "python", *pins], remedy=remedy)
    (place / ".done").touch()
