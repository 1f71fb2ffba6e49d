"""Errors of programs that fail, are missing, or take too long."""

import sys
from pathlib import Path

import pytest

from carbon.errors import CarbonError
from carbon.process import run


def _run_failing(output: str, *prefix: str) -> CarbonError:
    code = f"import sys; print({output!r}, file=sys.stderr); sys.exit(3)"
    with pytest.raises(CarbonError) as failed:
        run([*prefix, sys.executable, "-c", code])
    return failed.value


def test_a_full_disk_is_reported_in_one_line() -> None:
    error = _run_failing("DEPRECATION: noise\nctr: layer 1: write /x/y: no space left on device")
    assert error.what.endswith("ctr: layer 1: write /x/y: no space left on device")
    assert "\n" not in error.what
    assert "Free some space" in error.remedy


def test_the_error_names_the_program_behind_a_wrapper() -> None:
    error = _run_failing("/x: no space left on device", "env", "--")
    assert error.what.startswith(Path(sys.executable).name)


def test_other_failures_show_the_last_line_of_the_output() -> None:
    error = _run_failing("first\nlast")
    assert "ended with exit status 3" in error.what
    assert error.what.endswith("last")


def test_a_missing_program_is_refused_with_its_name() -> None:
    with pytest.raises(CarbonError, match="no-such-program is not installed"):
        run(["no-such-program"])


def test_an_accepted_exit_status_returns_the_output() -> None:
    assert run(["sh", "-c", "echo stopped; exit 3"], accept=(0, 3)) == "stopped\n"


def test_a_program_that_exceeds_its_timeout_is_ended() -> None:
    with pytest.raises(CarbonError, match="took more than"):
        run(["sleep", "60"], timeout=0.1)
