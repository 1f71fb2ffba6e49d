"""A release that Helm has installed on an API server, without pods."""

import json
import os
import subprocess
import sys
from itertools import count
from pathlib import Path
from typing import Any

import yaml
from tests.live.apiserver import ApiServer
from tests.live.verdicts.helm_update import write_kubeconfig

from carbon import externals
from carbon.home import ROOT
from carbon.platform.target import RELEASE
from carbon.release.index import FOLDER

UPGRADE = (sys.executable, "-m", "carbon", "upgrade", "--context", "api")
QUOTA = "platform"
"""The name of the release's ResourceQuota."""


class Cluster:
    """An API server, and Helm and `carbon` for a namespace on it."""

    def __init__(self, api: ApiServer, folder: Path) -> None:
        self.api = api
        self.folder = folder
        self._env = {**os.environ, "KUBECONFIG": str(write_kubeconfig(api, folder))}
        self._numbers = count()
        self.namespace = ""

    def run(self, *command: str, values: Any = None) -> "subprocess.CompletedProcess[str]":
        """Run a command with values on its standard input; its errors are in `stdout`."""
        return subprocess.run(
            [*command, "--namespace", self.namespace],
            cwd=ROOT,
            env=self._env,
            input=yaml.safe_dump(values),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )

    def install(self, program: str, values: Any, version: str = "0.1.0") -> None:
        """Install a release in a new namespace."""
        self.namespace = f"release-{next(self._numbers)}"
        helm = str(externals.ensure_program(program))
        package = str(FOLDER / f"254carbon-{version}.tgz")
        words = (helm, "install", RELEASE, package, "--create-namespace", "--values", "-")
        done = self.run(*words, values=values)
        assert done.returncode == 0, done.stdout

    def upgrade(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run `carbon upgrade`."""
        done = self.run(*UPGRADE, *arguments)
        print(done.stdout)
        return done

    def start_upgrade(self) -> "subprocess.Popen[bytes]":
        """Start `carbon upgrade --yes`."""
        command = [*UPGRADE, "--yes", "--namespace", self.namespace]
        return subprocess.Popen(command, cwd=ROOT, env=self._env)

    def read_history(self) -> list[tuple[str, str]]:
        """Return status and version of the chart of each revision."""
        helm = str(externals.ensure_program("helm"))
        listed = json.loads(self.run(helm, "history", RELEASE, "--output", "json").stdout)
        return [(each["status"], each["chart"].rpartition("-")[2]) for each in listed]

    def read_quota(self) -> str:
        """Return the pods of the quota."""
        return self.api.kubectl(
            *("get", "resourcequota", QUOTA, "--namespace", self.namespace),
            *("--output", "jsonpath={.spec.hard.pods}"),
        )
