"""The cluster and namespace that the platform is installed on."""

import logging
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

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

logging.getLogger("pyhelm3").addHandler(logging.NullHandler())  # its errors are raised, too

RELEASE = "254carbon"
NAMESPACE = "data-platform"


@dataclass(frozen=True)
class Target:
    """A cluster by its kubeconfig (None: kubectl's own) and context, and a namespace on it."""

    kubeconfig: Path | None
    context: str | None
    namespace: str = NAMESPACE

    @cached_property
    def client(self) -> Client:
        """A client of its API server.

        Raises:
            CarbonError: there is no such kubeconfig or context.
        """
        try:
            found = (
                KubeConfig.from_file(self.kubeconfig) if self.kubeconfig else KubeConfig.from_env()
            )
            return Client(config=found.get(self.context), field_manager="carbon")
        except ConfigError as wrong:
            raise CarbonError(
                f"context {self.context} is not to be had: {wrong}",
                "kubectl config get-contexts lists those there are.",
            ) from wrong

    def check(self) -> None:
        """Make sure that there is an API server to speak to.

        Raises:
            CarbonError: the context is unknown, or the server does not answer.
        """
        try:
            next(iter(self.client.list(Namespace)), None)
        except (httpx2.HTTPError, ApiError) as trouble:
            raise CarbonError(
                f"the API server of context {self.context or 'local'} refuses us: {trouble}",
                "kubectl cluster-info says whether it runs and who you are to it.",
            ) from trouble

    def helm(self, program: str = "helm") -> Command:
        """Helm, pointed at this cluster."""
        return Command(
            executable=str(externals.ensure_program(program)),
            kubeconfig=self.kubeconfig,
            kubecontext=self.context,
            default_timeout="10m",
        )

    def kubectl_arguments(self) -> list[str]:
        """What makes kubectl speak to this cluster and namespace."""
        where = [f"--kubeconfig={self.kubeconfig}"] if self.kubeconfig else []
        where += [f"--context={self.context}"] if self.context else []
        return [*where, f"--namespace={self.namespace}"]

    def kubectl(self, *args: str) -> str:
        """Run kubectl on this cluster and namespace and return what it printed.

        Raises:
            CarbonError: it failed.
        """
        return run([externals.ensure_program("kubectl"), *self.kubectl_arguments(), *args])

    def kubectl_flags(self) -> str:
        """What a person adds to kubectl to speak to this cluster and namespace."""
        return f"-n {self.namespace}" + (f" --context {self.context}" if self.context else "")

    def helm_flags(self) -> str:
        """The same for helm."""
        return f"-n {self.namespace}" + (f" --kube-context {self.context}" if self.context else "")


def local(namespace: str = NAMESPACE) -> Target:
    """The local cluster.

    Raises:
        CarbonError: it does not run.
    """
    if not access.read_state():
        raise CarbonError("the local cluster does not run", "Start it with: carbon cluster up")
    return Target(layout().kubeconfig, None, namespace)
