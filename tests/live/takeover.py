"""The commands of docs/gitops that take a release of Helm over with Argo CD, and go back."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.live.argocd import ArgoCd
from tests.live.charts_repository import ChartsRepository

from carbon import externals
from carbon.externals import debian
from carbon.gitops.projects import PLATFORM
from carbon.home import ROOT

NAMESPACE = "data-platform"
MANIFEST = f"helm get manifest {PLATFORM} --namespace {NAMESPACE}"
INSTALL = f"helm install {PLATFORM} umbrella/ --namespace {NAMESPACE} --create-namespace"


def read_command(*words: str) -> str:
    """Return the command in the page that contains all words."""
    text = (ROOT / "docs" / "gitops" / "README.md").read_text("utf-8")
    blocks = (each for each in text.split("\n\n") if each.startswith("    "))
    [found] = [each for each in blocks if all(word in each for word in words)]
    return found


@dataclass(frozen=True)
class Shell:
    """Runs commands with one version of Helm, and with kubectl, against an API server."""

    folder: Path
    env: dict[str, str]
    force: str
    """The option of `helm upgrade` that this version needs."""

    def run(self, command: str) -> str:
        """Run a command in the folder of the charts; return its output."""
        words = ["bash", "-o", "pipefail", "-c", command]
        done = subprocess.run(
            words, cwd=self.folder, env=self.env, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def hand_over(self) -> None:
        """Make Argo CD the manager of the fields in place of Helm."""
        self.run(read_command(MANIFEST, "jq", '"Apply"'))

    def delete_records(self) -> None:
        """Delete Helm's records of the release."""
        self.run(read_command("kubectl delete secrets"))

    def delete_application(self) -> None:
        """Delete the Application; the objects stay."""
        self.run(read_command("kubectl delete application "))

    def take_back(self, *options: str) -> None:
        """Install the release over the objects, with more options of `helm upgrade`."""
        self.run(" ".join([read_command("--take-ownership").rstrip(), self.force, *options]))

    def remove_argo_cd(self) -> None:
        """Remove Argo CD from the managers of the fields."""
        self.run(read_command(MANIFEST, "jq", "map(select"))


def build_shell(program: str, argo: ArgoCd, charts: ChartsRepository, folder: Path) -> Shell:
    """Return a shell with `helm` or `helm3`, whose programs are linked in a folder.

    Both are named `helm`: Helm writes the name of its file into objects.
    """
    debian.install(["jq"])
    for name, target in (("helm", program), ("kubectl", "kubectl")):
        (folder / name).symlink_to(externals.ensure_program(target))
    path = f"{folder}:{os.environ['PATH']}"
    env = {**os.environ, "PATH": path, "KUBECONFIG": str(argo.kubeconfig)}
    return Shell(charts.path, env, "--force-conflicts" if program == "helm" else "")
