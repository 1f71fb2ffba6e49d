"""The cluster and namespace that the platform is installed on, and the name of its release."""

import json
import logging
import shutil
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import httpx2
from lightkube import Client, KubeConfig
from lightkube.core.exceptions import ApiError, ConfigError
from lightkube.resources.core_v1 import Namespace
from pyhelm3 import Command

from carbon import externals
from carbon.cluster import access
from carbon.cluster.layout import layout
from carbon.errors import CarbonError
from carbon.process import run

# pyhelm3 logs its errors, and raises them too.
logging.getLogger("pyhelm3").addHandler(logging.NullHandler())

UNUSABLE = (httpx2.HTTPError, ApiError, ConfigError, OSError)
"""What lightkube raises if the API server does not answer, or a credential plugin fails."""
RELEASE = "254carbon"
NAMESPACE = "data-platform"
_END_WITH_PARENT = ("setpriv", "--pdeathsig", "KILL") if shutil.which("setpriv") else ()


class _Helm(Command):  # type: ignore[misc] # pyhelm3 has no types
    """Runs Helm. pyhelm3 starts a shell, which `exec` replaces by Helm.

    If the command is cancelled, pyhelm3 ends this process, and so ends Helm itself. If this process
    is killed, the kernel ends Helm, so that the next command finds no Helm that still works.
    """

    def __init__(self, program: Path, wait: str, **settings: Any) -> None:
        super().__init__(executable="exec", **settings)
        self._program = str(program)
        self._wait = wait

    async def run(self, command: list[str], input: bytes | None = None) -> bytes:  # noqa: A002
        """Run Helm with arguments and standard input; return its output."""
        command = [self._wait if word == "--wait" else word for word in command]
        words = [*_END_WITH_PARENT, self._program, *command]
        output: bytes = await super().run(words, input)
        return output


@dataclass(frozen=True)
class Target:
    """A cluster, named by kubeconfig and context, and a release in a namespace on it.

    Without a kubeconfig, kubectl's own applies (KUBECONFIG or ~/.kube/config).
    """

    kubeconfig: Path | None
    context: str | None
    namespace: str = NAMESPACE
    release: str = RELEASE

    @cached_property
    def client(self) -> Client:
        """A client of the cluster's API server.

        Raises:
            CarbonError: the kubeconfig or the context does not exist.
        """
        try:
            if self.kubeconfig:
                config = KubeConfig.from_file(self.kubeconfig)
            else:
                config = KubeConfig.from_dict(self._read_context())
            return Client(config=config.get(self.context), field_manager="carbon")
        except (ConfigError, CarbonError, OSError) as wrong:
            why = wrong.what if isinstance(wrong, CarbonError) else wrong
            raise CarbonError(
                f"can't use context {self.context or 'local'}: {why}",
                "kubectl config get-contexts lists the contexts. KUBECONFIG names their files; "
                "without it, kubectl reads ~/.kube/config.",
            ) from wrong

    def _read_context(self) -> dict[str, Any]:
        """Return the context as kubectl reads it, from one or several files, with certificates."""
        words = ("config", "view", "--raw", "--flatten", "--minify", "--output=json")
        config: dict[str, Any] = json.loads(self.kubectl(*words))
        for user in config["users"] or []:
            plugin = user["user"].get("exec") or {}
            if plugin.get("apiVersion") == "client.authentication.k8s.io/v1":
                # lightkube does not know this version, whose answer it reads as that of v1beta1.
                plugin["apiVersion"] = "client.authentication.k8s.io/v1beta1"
        return config

    def check(self) -> None:
        """Check that the API server answers.

        Raises:
            CarbonError: the context does not exist, or the API server does not answer.
        """
        try:
            next(iter(self.client.list(Namespace)), None)
        except UNUSABLE as trouble:
            flags = f" --context {self.context}" if self.context else ""
            prepare = "" if flags else 'After eval "$(.venv/bin/carbon env)", '
            raise CarbonError(
                f"the API server of context {self.context or 'local'} can't be used: {trouble}",
                f"{prepare}kubectl{flags} cluster-info shows whether the API server runs, "
                f"kubectl{flags} auth whoami shows your user.",
            ) from trouble

    def make_helm(self, program: str = "helm", wait: str = "--wait") -> Command:
        """Return Helm (`helm` or `helm3`) for this cluster, which waits with the flag `wait`.

        pyhelm3 itself can only pass `--wait`.
        """
        return _Helm(
            externals.ensure_program(program),
            wait,
            kubeconfig=self.kubeconfig,
            kubecontext=self.context,
            default_timeout="10m",
        )

    @property
    def kubectl_arguments(self) -> list[str]:
        """The arguments that select this cluster and namespace for kubectl."""
        where = [f"--kubeconfig={self.kubeconfig}"] if self.kubeconfig else []
        where += [f"--context={self.context}"] if self.context else []
        return [*where, f"--namespace={self.namespace}"]

    def kubectl(self, *args: str, stdin: str | None = None) -> str:
        """Run kubectl on this cluster and namespace and return its output.

        Raises:
            CarbonError: kubectl failed.
        """
        kubectl = externals.ensure_program("kubectl")
        return run([kubectl, *self.kubectl_arguments, *args], stdin=stdin)

    @property
    def kubectl_flags(self) -> str:
        """The flags that a user adds to kubectl, as messages show them."""
        return f"-n {self.namespace}" + (f" --context {self.context}" if self.context else "")

    @property
    def helm_flags(self) -> str:
        """The flags that a user adds to helm, as messages show them."""
        return f"-n {self.namespace}" + (f" --kube-context {self.context}" if self.context else "")


def get_target(context: str | None, namespace: str = NAMESPACE, release: str = RELEASE) -> Target:
    """Return a release on the cluster of a kubectl context, or the local cluster for None.

    Raises:
        CarbonError: the local cluster does not run.
    """
    if context:
        return Target(None, context, namespace, release)
    if not access.read_state():
        raise CarbonError(access.NOT_RUNNING, access.START)
    return Target(layout().kubeconfig, None, namespace, release)
