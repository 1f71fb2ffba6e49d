"""A Git repository with the charts of this checkout, to which tests commit."""

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from carbon.charts.merging import merge
from carbon.files import read_yaml
from carbon.gitops.source import Source
from carbon.home import ROOT
from carbon.process import run

BRANCH = "main"
COPIED = ("charts", "umbrella", "values")
REFUSED = pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"mlflow": {"replicsa": 2}}, "replicsa"),
        (
            {"mlflow": {"extraEnv": [{"name": "PGPASSWORD", "value": "a"}]}},
            "the chart sets PGPASSWORD itself",
        ),
    ],
    ids=["schema", "check"],
)
"""Values that a schema or a check of a chart refuses, each with a part of the message."""


class ChartsRepository:
    """A bare repository, and a clone of it with the files."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "clone"
        bare = folder / "charts.git"
        self.url = f"file://{bare}"
        run(["git", "init", "--quiet", "--bare", f"--initial-branch={BRANCH}", bare])
        run(["git", "clone", "--quiet", bare, self.path])
        for name in COPIED:
            shutil.copytree(ROOT / name, self.path / name, symlinks=True)
        self.first = self.commit("the charts of this checkout")

    @property
    def source(self) -> Source:
        """The source of an Application that follows the branch."""
        return Source(self.url, BRANCH)

    def commit(self, message: str) -> str:
        """Commit and push all changes; return the revision."""
        author = ("-c", "user.name=tester", "-c", "user.email=tester@example.com")
        git = ("git", "-C", self.path, *author)
        run([*git, "add", "--all"])
        run([*git, "commit", "--quiet", "--allow-empty", "--message", message])
        run([*git, "push", "--quiet", "origin", BRANCH])
        return run([*git, "rev-parse", "HEAD"]).strip()

    def change(self, name: str, patch: dict[str, Any]) -> str:
        """Merge values into a file of YAML, and commit; return the revision."""
        file = self.path / name
        merged = merge(read_yaml(file), patch)
        file.write_text(yaml.safe_dump(merged, sort_keys=False), "utf-8")
        return self.commit(f"change {name}")

    def restore(self) -> str:
        """Commit the files of the first commit again; return the revision."""
        git = ("git", "-C", self.path)
        run([*git, "rm", "-r", "--quiet", "."])
        run([*git, "checkout", "--quiet", self.first, "--", "."])
        return self.commit("revert")
