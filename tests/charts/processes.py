"""Runs the charts' scripts outside their pods: programs, servers, stand-in modules."""

import importlib.util
import os
import re
import signal
import socket
import subprocess
import sys
import sysconfig
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from carbon.charts.render import Object, Render, render_objects
from carbon.home import ROOT

CHARTS = ROOT / "charts"
SCRIPTS = Path(sysconfig.get_path("scripts"))
"""The folder with programs of Python packages."""
WGET = f"""#!{sys.executable}
import sys, urllib.request

assert sys.argv[1:3] == ["-q", "-O"]
for url in sys.argv[4:]:
    content = urllib.request.urlopen(url).read()
    if sys.argv[3] == "-":
        sys.stdout.buffer.write(content)
"""
"""A script with the options of wget that the charts use: a new Debian has no wget."""


@cache
def render(chart: str) -> list[Object]:
    """Return the objects of a chart with its default values."""
    return list(render_objects(Render(CHARTS / chart)))


def read_container(chart: str, kind: str, name: str) -> dict[str, Any]:
    """Return the first container of the workload with a kind and a name."""
    found = (o for o in render(chart) if o["kind"] == kind and o["metadata"]["name"] == name)
    return dict(next(found)["spec"]["template"]["spec"]["containers"][0])


def read_module(name: str) -> str:
    """Return a Python module of the chart common; its named template contains only Python."""
    template = (CHARTS / f"common/templates/_{name}.tpl").read_text("utf-8")
    found = re.search(rf'common\.{name}Module" -}}}}\n(.*?)\n{{{{- end }}}}', template, re.S)
    assert found
    return found[1]


def find_package(name: str) -> Path:
    """Return the folder of a Python package."""
    spec = importlib.util.find_spec(name)
    assert spec
    assert spec.origin
    return Path(spec.origin).parent


def find_ports(*offsets: int) -> list[int]:
    """Return free ports with the given distances from the first one."""
    while True:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            first = free.getsockname()[1] % 20000 + 10000
        ports = [first + offset for offset in offsets]
        if not any(is_open(port) for port in ports):
            return ports


def is_open(port: int) -> bool:
    """Return whether a server listens on a port of this machine."""
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def wait_until(condition: Callable[[], bool], seconds: float = 300) -> None:
    """Wait until a condition is true.

    Raises:
        TimeoutError: the condition is false for too long.
    """
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError
        time.sleep(0.05)


@contextmanager
def start(
    command: list[str], env: Mapping[str, str], log: Path
) -> Iterator["subprocess.Popen[bytes]"]:
    """Run a server until the end of the block, and then end it and the processes that it started.

    The file `log` gets its output.
    """
    with log.open("ab") as output:
        process = subprocess.Popen(
            command, env=env, stdout=output, stderr=output, start_new_session=True
        )
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def load(path: Path) -> ModuleType:
    """Import a script as a module."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def install(monkeypatch: pytest.MonkeyPatch, modules: Mapping[str, Mapping[str, Any]]) -> None:
    """Let scripts import stand-ins: `modules` maps the name of each module to its attributes."""
    for name, attributes in modules.items():
        module = ModuleType(name)
        module.__dict__.update(attributes)
        monkeypatch.setitem(sys.modules, name, module)


@contextmanager
def serve(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    """Answer HTTP requests on a free port until the end of the block; return the URL.

    The server sees every 0.05 seconds whether the block has ended.
    """
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
