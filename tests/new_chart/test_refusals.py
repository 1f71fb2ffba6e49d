"""What `tools/new-chart` refuses, and that it leaves nothing behind."""

import os
import pty
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from tests.checkouts import run_git
from tests.new_chart.conftest import ANSWERS, Carbon

from carbon.__main__ import describe_rest
from carbon.errors import CarbonError
from carbon.home import ROOT
from carbon.interrupts import Interrupt, note
from carbon.scaffold import create
from carbon.scaffold.create import create_chart, require_clean
from carbon.scaffold.names import check_kind, check_name, check_port, check_text


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("a", "'a' is not a name of a chart"),
        ("a" * 54, "is not a name of a chart"),
        ("Prices", "is not a name of a chart"),
        ("1prices", "is not a name of a chart"),
        ("prices-", "is not a name of a chart"),
        ("price--x", "is not a name of a chart"),
        ("price_alerts", "is not a name of a chart"),
        ("../prices", "is not a name of a chart"),
        ("yes", "YAML reads yes as a boolean or null, not as text"),
        ("default", "the name default is taken: each namespace has a ServiceAccount of this name"),
        ("common", "the name common is taken: charts/common is a chart"),
        ("mlflow", "the name mlflow is taken: charts/mlflow is a chart"),
        ("umbrella", "the name umbrella is taken"),
        ("global", "the name global is taken: it is a key of the umbrella's values"),
        ("quota", "the name quota is taken: it is a key of the umbrella's values"),
        ("image", "the name image is taken: it is a key of a chart's values"),
        ("schedule", "the name schedule is taken: it is a key of a chart's values"),
        ("auth", "the name auth is taken: it is a key of a chart's values"),
        ("redis", "the name redis is taken: schemas/components.yaml has a workload"),
        ("ray-cluster-cpu", "the name ray-cluster-cpu is taken: schemas/components.yaml"),
        ("prometheus", "the name prometheus is taken: the services table has an entry"),
        ("velero", "the name velero is taken: schemas/metrics/velero.yaml exists"),
        ("gpu-profiling", "the name gpu-profiling is taken: docs/runbooks/gpu-profiling.md"),
    ],
)
def test_a_bad_or_taken_name_is_refused(name: str, message: str) -> None:
    with pytest.raises(CarbonError) as refused:
        check_name(ROOT, name)
    assert message in refused.value.what
    assert "\n" not in refused.value.what


def test_a_name_of_the_longest_length_is_accepted() -> None:
    check_name(ROOT, "a" * 35)


@pytest.mark.parametrize("text", ["", "prices", "Prices.", "A: b", "A\nb", "A | b", "A [[ b ]]"])
def test_a_text_that_is_not_plain_is_refused(text: str) -> None:
    with pytest.raises(CarbonError, match="is not a plain text"):
        check_text("title", text)


@pytest.mark.parametrize("port", [0, 80, 65536])
@pytest.mark.parametrize("kind", ["server", "store"])
def test_a_port_that_no_pod_can_use_is_refused(kind: str, port: int) -> None:
    with pytest.raises(CarbonError, match="is not possible"):
        check_port(kind, port)


def test_a_port_of_a_job_is_refused() -> None:
    check_port("job", 0)
    with pytest.raises(CarbonError, match="a job has no port"):
        check_port("job", 8080)


def test_a_kind_that_does_not_exist_is_refused() -> None:
    with pytest.raises(CarbonError, match="--kind daemon does not exist"):
        check_kind("daemon")


def test_a_folder_without_git_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CarbonError, match="is not a Git repository"):
        require_clean(tmp_path)


def test_a_checkout_with_uncommitted_changes_is_refused(tmp_path: Path) -> None:
    run_git(tmp_path, "init", "--quiet")
    require_clean(tmp_path)
    (tmp_path / "note.txt").touch()
    with pytest.raises(CarbonError, match=r"has uncommitted changes: note\.txt\n"):
        require_clean(tmp_path)


def test_a_machine_without_git_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CarbonError, match="git is not installed"):
        require_clean(tmp_path)


def test_the_command_prints_one_error_and_its_remedy(carbon: Carbon) -> None:
    done = carbon("new-chart", "Prices", "--defaults")
    assert done.returncode == 1
    assert [line[0] for line in done.stdout.splitlines()] == ["✗", " "]


@pytest.mark.parametrize(
    "options",
    [
        ("--update", "--remove"),
        ("--remove", "--rename", "costs"),
        ("--rename", "costs", "--title", "Costs"),
        ("--lines", "--port=1"),
        ("--update", "--kind", "store"),
    ],
)
def test_options_that_exclude_each_other_are_refused(
    carbon: Carbon, options: tuple[str, ...]
) -> None:
    done = carbon("new-chart", "mlflow", *options)
    assert done.returncode == 1
    assert "are not possible together" in done.stdout


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "no chart is named"),
        (("--remove",), "no chart is named"),
        (("missing", "--remove"), "there is no chart missing"),
        (("missing", "--lines"), "there is no chart missing"),
        (("missing", "--rename", "costs"), "there is no chart missing"),
        (("costs", "--title", ""), "--title '' is not a plain text"),
    ],
)
def test_a_missing_chart_or_text_is_one_message(
    carbon: Carbon, words: tuple[str, ...], message: str
) -> None:
    done = carbon("new-chart", *words)
    assert (done.returncode, done.stdout.count("✗")) == (1, 1)
    assert message in done.stdout


def test_in_a_terminal_a_refused_answer_is_asked_again_and_the_end_of_input_is_one_message() -> (
    None
):
    terminal, other = pty.openpty()
    command = [sys.executable, "-m", "carbon", "new-chart", "costs"]
    with subprocess.Popen(command, cwd=ROOT, stdin=other, stdout=other, stderr=other) as process:
        os.close(other)
        os.write(terminal, b"cron\njob\n\x04")
        output = read_all(terminal)
    assert process.returncode == 2, output
    assert "--kind cron does not exist" in output
    assert "Name of the chart in texts" in output
    assert "the input has ended without an answer" in output


def read_all(terminal: int) -> str:
    """Return the output of a terminal whose program has ended or ends."""
    output = b""
    with suppress(OSError):  # the end, on Linux
        while chunk := os.read(terminal, 4096):
            output += chunk
    os.close(terminal)
    return output.decode()


def test_the_message_of_an_interrupt_states_that_nothing_was_changed() -> None:
    with note("create charts/costs", undone=True):
        interrupt = Interrupt(signal.SIGINT)
    assert describe_rest(interrupt) == "Nothing was changed. Run the same command again."
    assert "stays as it is" in describe_rest(Interrupt(signal.SIGINT))


@pytest.mark.parametrize("error", [KeyboardInterrupt, CarbonError("no")])
def test_an_interrupt_or_an_error_leaves_nothing_behind(
    copy: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    def fail() -> None:
        assert (copy / "charts" / "half-made" / "values.schema.json").exists()
        raise error

    before = run_git(copy, "status", "--porcelain", "--ignored")
    monkeypatch.setattr(create, "require_clean", lambda _: None)
    monkeypatch.setattr(create, "build_documents", fail)
    with pytest.raises(type(error) if isinstance(error, Exception) else KeyboardInterrupt):
        create_chart(copy, replace(ANSWERS, name="half-made"))
    assert run_git(copy, "status", "--porcelain", "--ignored") == before
    assert not (copy / "charts" / "half-made").exists()
