"""A port of a Service, reachable on this machine for a while."""

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
def forwarded(target: Target, service: str, port: int) -> Iterator[str]:
    """The URL (http://127.0.0.1:PORT) of a Service's port while the context is open.

    Raises:
        CarbonError: there is no such Service, or none of its pods is Ready.
    """
    command = [str(externals.ensure_program("kubectl")), "port-forward", "--address=127.0.0.1"]
    command += [*target.kubectl_arguments(), f"service/{service}", f":{port}"]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=os.environ
    )
    try:
        line = process.stdout.readline() if process.stdout else ""
        if not (found := _READY.search(line)):
            raise CarbonError(
                f"service/{service} can't be reached: {line.strip()}",
                f"kubectl {target.kubectl_flags()} get pods shows what is amiss.",
            )
        yield f"http://127.0.0.1:{found[1]}"
    finally:
        process.kill()
        process.wait()
