"""What GitHub, Renovate and pre-commit read is valid."""

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from carbon.home import ROOT

PROGRAMS = Path(sys.executable).parent
FORMS = ROOT / ".github" / "ISSUE_TEMPLATE"
FILES = {
    "vendor.github-issue-config": [FORMS / "config.yml"],
    "vendor.github-issue-forms": [each for each in FORMS.glob("*.yml") if each.stem != "config"],
    "vendor.github-workflows": [*(ROOT / ".github" / "workflows").glob("*.yml")],
    "vendor.renovate": [ROOT / "renovate.json"],
}


@pytest.mark.parametrize("schema", FILES)
def test_files_of_github_and_renovate_conform_to_their_schemas(schema: str) -> None:
    assert FILES[schema]
    program = str(PROGRAMS / "check-jsonschema")
    command = [program, "--builtin-schema", schema, *map(str, FILES[schema])]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_hooks_call_programs_of_the_virtual_environment() -> None:
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))
    hooks = [hook for repository in config["repos"] for hook in repository["hooks"]]
    assert hooks
    for hook in hooks:
        folder, _, program = hook["entry"].split()[0].rpartition("/")
        assert (hook["language"], folder) == ("system", ".venv/bin"), hook["id"]
        assert (PROGRAMS / program).exists(), hook["id"]
