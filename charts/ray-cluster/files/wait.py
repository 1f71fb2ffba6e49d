"""Wait until the head at RAY_ADDRESS takes nodes."""

import os
import socket
import subprocess

import waiting

ADDRESS = os.environ["RAY_ADDRESS"]


def problem() -> str:
    """What the head lacks; Ray, slow to start, is asked only where something listens."""
    host, _, port = ADDRESS.rpartition(":")
    try:
        socket.create_connection((host, int(port)), timeout=5).close()
    except OSError as error:
        return f"{ADDRESS}: {error}"
    asked = ["ray", "health-check", "--address", ADDRESS]
    done = subprocess.run(asked, capture_output=True, text=True, check=False)
    said = (done.stderr or done.stdout).strip().splitlines()
    return "" if done.returncode == 0 else said[-1] if said else f"{ADDRESS}: not healthy"


waiting.until("the head", problem)
