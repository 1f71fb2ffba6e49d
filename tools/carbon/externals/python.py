"""Installs external programs that are Python packages, each in a virtual environment of its own.

`tools/externals/NAME/requirements.lock` pins all packages of an environment with their hashes.
"""

import hashlib
import shutil
import sys
from pathlib import Path

from carbon.console import step
from carbon.externals.table import FOLDER
from carbon.home import home
from carbon.locks import hold_lock
from carbon.process import run


def get_lock(name: str) -> Path:
    """Return the file that pins a package and its dependencies."""
    return FOLDER / name / "requirements.lock"


def ensure_python(name: str) -> Path:
    """Return the Python of a package's environment; create the environment first if missing.

    Raises:
        CarbonError: a package can't be downloaded, or does not match its hash.
    """
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    pins = hashlib.sha256(get_lock(name).read_bytes()).hexdigest()[:12]
    folder = home() / "bin" / name / f"{version}-{pins}"
    with hold_lock(folder.parent / ".lock"):
        if not (folder / ".done").exists():
            with step(f"install {name}"):
                _install(name, folder)
    return folder / "bin" / "python"


def _install(name: str, folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    uv = [sys.executable, "-m", "uv", "--quiet"]
    run([*uv, "venv", "--python", sys.executable, folder])
    remedy = (
        "Set UV_DEFAULT_INDEX to an index that serves the packages; run the same command again."
    )
    pins: list[str | Path] = ["--require-hashes", "-r", get_lock(name)]
    run([*uv, "pip", "install", "--python", folder / "bin" / "python", *pins], remedy=remedy)
    (folder / ".done").touch()
