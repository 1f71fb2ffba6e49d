"""Commands of `carbon` and of the launchers in Markdown exist, with their options."""

from pathlib import Path

import pytest

from carbon.check.texts.programs import PROGRAMS, check_programs

TEST = """
@app.command("test")
def run_tests(*, fast: Annotated[bool, typer.Option("-q", help="Quick.")] = False, tier: str):
    pass
"""
CLUSTER = """
cluster = add_group("cluster", "Manage the cluster.")
@cluster.command()
def add(name: str): ...
@cluster.command("addons")
def list_addons(): ...
@cluster.callback(invoke_without_command=True)
def show(output_file: str = ""): ...
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with two modules of commands, a tier, an add-on and a chart."""
    for name, text in {
        "tools/carbon/commands/test.py": TEST,
        "tools/carbon/commands/cluster.py": CLUSTER,
        "tools/carbon/commands/broken.py": "def (",
        "tools/addons/velero/values.yaml": "",
        "tests/tiers.yaml": "core: {}\n",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def find_wrong(checkout: Path, command: str) -> list[str]:
    """Return what is wrong with a command in line 3 of a page."""
    (checkout / "README.md").write_text(f"# Title\n\nRun `{command}`.\n")
    findings = check_programs(checkout).findings
    assert {(each.rule, each.line) for each in findings} <= {(PROGRAMS, 3)}
    return [each.what for each in findings]


@pytest.mark.parametrize(
    ("command", "what"),
    [
        ("tools/test --fst", "`carbon test` has no option --fst; write --fast"),
        ("carbon tests", "carbon has no command `tests`; write test"),
        (".venv/bin/carbon cluster ad velero", "no command `cluster ad`; write cluster add"),
        ("tools/test --tier cor", "`--tier` does not accept cor; write core"),
        ("tools/test --tier=ops", "`--tier` does not accept ops; write one of all, core"),
        ("carbon cluster add velro", "`cluster add` does not accept velro; write velero"),
        ("carbon cluster add --force velero", "`carbon cluster add` has no option --force"),
    ],
)
def test_reports_an_unknown_command_option_tier_or_add_on(
    checkout: Path, command: str, what: str
) -> None:
    (found,) = find_wrong(checkout, command)
    assert what in found


@pytest.mark.parametrize(
    "command",
    [
        "tools/test --fast --tier core --tier=all",
        "tools/test --tier NAME",
        "carbon test --help -q",
        "carbon cluster --output-file FILE",
        "carbon cluster add velero && other --force",
        "carbon cluster addons",
        "carbon COMMAND --any",
        "carbon",
        "carbon.check",
        "test --force",
        "other/tools/test --force",
    ],
)
def test_accepts_a_known_command_and_commands_of_other_programs(
    checkout: Path, command: str
) -> None:
    assert find_wrong(checkout, command) == []
