"""Pods with the labels and ServiceAccounts of the platform's pods, which send and answer requests.

The pods stand in for the real programs where policies are tested, not programs: stand_in.py runs
in each.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import yaml
from tests.live.client_pod import build_client
from tests.live.support import JSON, Release, is_ready, wait

from carbon.cluster.access import kubectl, run_inside

SCRIPT = Path(__file__).with_name("stand_in.py")
IMAGE = "docker.io/library/python:3.11-slim-bookworm"
NAME = "stand-in"
"""Name of the ConfigMap of the script, and label with the pod's name."""
MESH = {"istio-injection": "enabled"}
Request = tuple[str, int, str, str, str]
"""Host, port, TCP or UDP, HTTP method, path."""


@dataclass(frozen=True)
class Pod:
    """A pod to start."""

    name: str
    namespace: str
    labels: Mapping[str, str]
    ports: Sequence[tuple[int, str]]
    """Number and TCP or UDP of each port that the pod answers on."""
    account: str = "default"
    mesh: bool = False
    """True if the pod has a sidecar."""

    def build(self) -> JSON:
        """Return the pod as the API server takes it."""
        _, pod = build_client(self.name, "", IMAGE, {})
        inject = {"sidecar.istio.io/inject": str(self.mesh).lower()}
        pod["metadata"] |= {"namespace": self.namespace}
        pod["metadata"]["labels"] = {**self.labels, NAME: self.name} | inject
        pod["metadata"]["annotations"] = {"sidecar.istio.io/nativeSidecar": "true"}
        spec, container = pod["spec"], pod["spec"]["containers"][0]
        spec |= {"serviceAccountName": self.account, "terminationGracePeriodSeconds": 0}
        ports = json.dumps([*self.ports])
        container["command"] = ["python3", "/client/main.py", "serve", self.name, ports]
        requests, limits = {"cpu": "1m", "memory": "16Mi"}, {"cpu": "1", "memory": "128Mi"}
        container["resources"] = {"requests": requests, "limits": limits}
        check = {"tcpSocket": {"port": self.ports[0][0]}, "periodSeconds": 2}
        container["readinessProbe"] = check
        spec["volumes"] = [
            {"name": "client", "configMap": {"name": NAME}},
            {"name": "tmp", "emptyDir": {}},
        ]
        return pod


@dataclass
class Peers:
    """Running pods, by name."""

    pods: dict[str, Pod]
    addresses: dict[str, str] = field(default_factory=dict)

    def ask(self, requests: Mapping[str, Sequence[Request]]) -> dict[str, list[str]]:
        """Send requests from pods, by the pod's name; return who answered each, or why nobody did.

        The API server, not the network of the pods, brings requests and answers.
        """

        def ask(name: str) -> list[str]:
            lines = "\n".join(map(json.dumps, requests[name]))
            command = [
                "exec",
                "-i",
                name,
                "-c",
                "client",
                "--",
                "python3",
                "/client/main.py",
                "ask",
            ]
            output = Release(self.pods[name].namespace).kubectl(*command, stdin=lines)
            answers = [str(json.loads(line)) for line in output.splitlines()]
            assert len(answers) == len(requests[name]), name
            return answers

        with ThreadPoolExecutor(4) as pool:
            return dict(zip(requests, pool.map(ask, requests), strict=True))

    def ask_one(self, source: str, target: str, port: int, transport: str = "TCP") -> str:
        """Send one request to the address of a pod; return who answered, or why nobody did."""
        [answer] = self.ask({source: [(self.addresses[target], port, transport, "GET", "/")]})[
            source
        ]
        return answer

    def reaches(self, source: str, target: str, port: int, transport: str = "TCP") -> bool:
        """Return whether a pod gets an answer from the address of another pod."""
        return self.ask_one(source, target, port, transport) == target

    def await_policies(self, source: str, target: str, port: int) -> None:
        """Wait until the network plugin enforces all NetworkPolicies that exist now.

        The plugin reads the policies in the order of their creation. So a policy is created that
        closes an open connection, and deleted; all others are enforced when the connection closes.
        """
        metadata = {"name": "barrier", "namespace": self.pods[target].namespace}
        spec = {"podSelector": {"matchLabels": {NAME: target}}, "policyTypes": ["Ingress"]}
        policy = {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy"}
        text = json.dumps(policy | {"metadata": metadata, "spec": spec})
        wait("an open connection", lambda: self.reaches(source, target, port), 60)
        kubectl("apply", "-f", "-", stdin=text)
        wait("the policy", lambda: not self.reaches(source, target, port), 60)
        kubectl("delete", "-f", "-", stdin=text)
        wait("the end of the policy", lambda: self.reaches(source, target, port), 60)


def build_namespaces(pods: Iterable[Pod]) -> list[JSON]:
    """Return the pods' namespaces, with their ServiceAccounts and the script."""
    objects: list[JSON] = []
    for name in sorted({pod.namespace for pod in pods}):
        place = {"namespace": name}
        objects.append({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
        if any(pod.mesh for pod in pods if pod.namespace == name):
            objects[-1]["metadata"]["labels"] = MESH
        accounts = {pod.account for pod in pods if pod.namespace == name} - {"default"}
        for kind, each in [("ConfigMap", NAME), *(("ServiceAccount", a) for a in sorted(accounts))]:
            objects.append({"apiVersion": "v1", "kind": kind, "metadata": place | {"name": each}})
            if kind == "ConfigMap":
                objects[-1]["data"] = {"main.py": SCRIPT.read_text("utf-8")}
    return objects


@contextmanager
def start_pods(pods: Sequence[Pod], *objects: JSON) -> Iterator[Peers]:
    """Start pods, beside other objects of their namespaces, and wait until all are Ready.

    At the end their namespaces are deleted; in namespaces of the system only the pods are.
    """
    namespaces = {pod.namespace for pod in pods}
    apply = ("apply", "--server-side", "-f", "-")
    selector = f"{NAME} in ({','.join(pod.name for pod in pods)})"

    def read() -> list[JSON]:
        found = json.loads(kubectl("get", "pods", "-A", "-l", selector, "-o", "json"))
        items: list[JSON] = found["items"]
        return items

    # kube-router rejects connections by ICMP, whose rate the kernel limits by default.
    run_inside(["sysctl", "-qw", "net.ipv4.icmp_ratelimit=0", "net.ipv4.icmp_msgs_per_sec=100000"])
    try:
        before = [*build_namespaces(pods), *objects]
        kubectl(*apply, stdin=yaml.safe_dump_all(before), timeout=300)
        kubectl(*apply, stdin=yaml.safe_dump_all(pod.build() for pod in pods), timeout=300)
        wait("the pods", lambda: sum(map(is_ready, read())) == len(pods), 480)
        addresses = {pod["metadata"]["name"]: pod["status"]["podIP"] for pod in read()}
        yield Peers({pod.name: pod for pod in pods}, addresses)
    finally:
        system = {name for name in namespaces if name.startswith(("kube-", "istio-"))}
        for name in system:
            Release(name).kubectl("delete", "pods,configmaps", "-l", NAME, "--wait=false")
        names = sorted(namespaces - system)
        kubectl("delete", "namespaces", "--ignore-not-found", *names, timeout=300)
