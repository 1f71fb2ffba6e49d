"""An interrupted command states the signal and the step, and ends its programs."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

PROGRAM = """
import sys
from carbon import __main__
from carbon.app import app
from carbon.console import step
from carbon.process import run

@app.command()
def wait() -> None:
    with step("outer"), step("sleep for a while"):
        run(["sh", "-c", "echo $$ >{file}; exec sleep 300"])

__main__._import_commands = lambda _: None
sys.argv = ["carbon", "wait"]
__main__.main()
"""


@pytest.mark.parametrize(
    "whole_group", [False, True], ids=["signal to the process", "signal to its group"]
)
@pytest.mark.parametrize(
    ("number", "name"), [(signal.SIGINT, r"Ctrl-C (SIGINT)"), (signal.SIGTERM, "SIGTERM")]
)
def test_an_interrupt_is_reported_once_and_ends_the_program(
    number: signal.Signals, name: str, whole_group: bool, tmp_path: Path
) -> None:
    """Ctrl-C in a terminal sends SIGINT to the process group of the command and its programs."""
    file = tmp_path / "pid"
    process = subprocess.Popen(
        # A shell without job control starts programs in the background with SIGINT ignored.
        ["env", "--default-signal=INT", sys.executable, "-c", PROGRAM.format(file=file)],
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    end = time.monotonic() + 60
    while not (file.exists() and file.read_text().strip()):
        assert time.monotonic() < end
        time.sleep(0.05)
    if whole_group:
        os.killpg(process.pid, number)
    else:
        process.send_signal(number)
    _, output = process.communicate(timeout=60)
    assert process.returncode == 128 + number
    assert f"✗ interrupted by {name} during: sleep for a while" in output
    assert "Running the same command again continues." in output
    assert output.count("✗") == 1, output
    assert not Path(f"/proc/{file.read_text().strip()}").exists()
