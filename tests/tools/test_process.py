"""A program that fails is told of in words that help."""

import sys
from pathlib import Path

import pytest

from carbon.errors import CarbonError
from carbon.process import run


def _fail(said: str, *prefix: str) -> CarbonError:
    code = f"import sys; print({said!r}, file=sys.stderr); sys.exit(3)"
    with pytest.raises(CarbonError) as failed:
        run([*prefix, sys.executable, "-c", code])
    return failed.value


def test_a_full_disk_is_one_line_that_says_so() -> None:
    error = _fail("DEPRECATION: noise\nctr: layer 1: write /x/y: no space left on device")
    assert error.what.endswith("ctr: layer 1: write /x/y: no space left on device")
    assert "\n" not in error.what
    assert "Free some space" in error.remedy


def test_the_program_that_really_ran_is_named() -> None:
    error = _fail("/x: no space left on device", "env", "--")
    assert error.what.startswith(Path(sys.executable).name)


def test_other_failures_show_the_last_lines() -> None:
    error = _fail("first\nlast")
    assert "failed (3)" in error.what
    assert error.what.endswith("last")


def test_a_missing_program_is_named() -> None:
    with pytest.raises(CarbonError, match="no-such-program is not installed"):
        run(["no-such-program"])


def test_a_status_that_is_no_failure_returns_what_was_printed() -> None:
    assert run(["sh", "-c", "echo stopped; exit 3"], accept=(0, 3)) == "stopped\n"


def test_a_program_that_takes_too_long_is_ended() -> None:
    with pytest.raises(CarbonError, match="took more than"):
        run(["sleep", "60"], timeout=0.1)
