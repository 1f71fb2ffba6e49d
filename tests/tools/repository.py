"""A small checkout in Git, with which tests release charts."""

import subprocess
from datetime import date
from pathlib import Path
from typing import Any

import yaml
from semver import Version

from carbon.release.index import INDEX, Release
from carbon.release.prepare import write_release
from carbon.release.publish import publish
from carbon.release.targets import Folder

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: "web:{{ .Values.tag }}"}]}
"""


class Repository:
    """A checkout with the umbrella, two subcharts and a library chart, in Git."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.index = path / "tests" / "upgrade" / "releases"
        self.write("charts/lib/Chart.yaml", build_about("lib", type="library"))
        for name in ("api", "web"):
            self.write(f"charts/{name}/Chart.yaml", build_about(name, ["lib"]))
            self.write(f"charts/{name}/values.yaml", {"tag": "1"})
            self.write(f"charts/{name}/ci/default-values.yaml", {"tag": "2"})
            self.write(f"charts/{name}/templates/d.yaml", DEPLOYMENT.replace("web", name))
            self.write(f"charts/{name}/.helmignore", "ci/\n")
            self.link(f"charts/{name}/charts/lib", "../../lib")
        self.write("umbrella/Chart.yaml", build_about("254carbon", ["api", "lib", "web"]))
        self.write("umbrella/values.yaml", {"api": {}, "web": {}})
        for name in ("api", "lib", "web"):
            self.link(f"umbrella/charts/{name}", f"../../charts/{name}")
        self.write("values/small.yaml", {"web": {"tag": "3"}})
        self.write("CHANGELOG.md", "# Changelog\n\n## Unreleased\n\n## 0.1.0 (2026-01-01)\n")
        self.write(f"tests/upgrade/releases/{INDEX}", {})
        self.git("init", "--quiet")
        self.commit()

    def write(self, name: str, content: Any) -> None:
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        text = content if isinstance(content, str) else yaml.safe_dump(content, sort_keys=False)
        path.write_text(text)

    def link(self, name: str, target: str) -> None:
        (self.path / name).parent.mkdir(parents=True, exist_ok=True)
        (self.path / name).symlink_to(target)

    def git(self, *args: str) -> None:
        author = ("-c", "user.name=t", "-c", "user.email=t@example.com")
        subprocess.run(["git", "-C", self.path, *author, *args], check=True)

    def commit(self) -> None:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", "a commit")

    def prepare(self, version: str, since: str = "0.1.0") -> None:
        """Write a version with a changelog, and commit."""
        day = date(2026, 2, 1)
        write_release(self.path, Version.parse(version), Version.parse(since), [], day)
        self.commit()

    def publish(self, to: Path) -> tuple[Release, list[str]]:
        return publish(Folder(to), checkout=self.path, folder=self.index)


def build_about(name: str, dependencies: list[str] | None = None, **more: str) -> dict[str, Any]:
    rows = [{"name": each, "version": "0.1.0"} for each in dependencies or []]
    about = {"apiVersion": "v2", "name": name, "version": "0.1.0", **more, "dependencies": rows}
    return about | {"annotations": {"artifacthub.io/license": "Apache-2.0"}}
