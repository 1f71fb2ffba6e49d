"""Wait until the head at RAY_ADDRESS is healthy."""

import os
import socket
import subprocess

import waiting

ADDRESS = os.environ["RAY_ADDRESS"]


def problem() -> str:
    """Return why the head is not healthy, or an empty string.

    `ray health-check` takes seconds to start, so it runs only once the port accepts connections.
    """
    host, _, port = ADDRESS.rpartition(":")
    try:
        socket.create_connection((host, int(port)), timeout=5).close()
    except OSError as error:
        return f"{ADDRESS}: {error}"
    command = ["ray", "health-check", "--address", ADDRESS]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return ""
    output = (done.stderr or done.stdout).strip().splitlines()
    return output[-1] if output else f"{ADDRESS}: not healthy"


waiting.until("the head", problem)
