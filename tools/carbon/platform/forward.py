"""Forwards a port of a Service to this machine."""

import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from carbon import externals
from carbon.errors import CarbonError
from carbon.platform.target import Target

_READY = re.compile(r"Forwarding from 127\.0\.0\.1:(\d+)")


@contextmanager
def forward(target: Target, service: str, port: int) -> Iterator[str]:
    """Forward a port of a Service while the context is open; yield http://127.0.0.1:PORT.

    Raises:
        CarbonError: the Service does not exist, or none of its pods runs.
    """
    command = [str(externals.ensure_program("kubectl")), "port-forward", "--address=127.0.0.1"]
    command += [*target.kubectl_arguments, f"service/{service}", f":{port}"]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=os.environ
    )
    try:
        line = process.stdout.readline() if process.stdout else ""
        if not (match := _READY.search(line)):
            raise CarbonError(
                f"can't forward a port of service/{service}: {line.strip()}",
                f"kubectl {target.kubectl_flags} get pods shows the state of the pods.",
            )
        yield f"http://127.0.0.1:{match[1]}"
    finally:
        process.kill()
        process.wait()
