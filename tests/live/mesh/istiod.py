"""istiod beside an API server without a node: its webhooks answer as on a cluster."""

import base64
import json
import os
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import Request, urlopen

from tests.charts.processes import start
from tests.live.apiserver import ApiServer, find_free_ports, start_api_server
from tests.live.support import wait
from tests.live.verdicts.helm_update import write_kubeconfig

from carbon import externals
from carbon.charts.render import Object
from carbon.cluster import addons
from carbon.cluster.layout import Addresses, layout

LISTENERS = ("httpAddr", "httpsAddr", "grpcAddr", "secureGRPCAddr", "monitoringAddr", "ctrlz_port")


@dataclass(frozen=True)
class Istiod:
    """A running istiod, and its API server."""

    api: ApiServer
    port: int
    """The port of the webhooks."""

    def review(self, path: str, obj: Object) -> Object:
        """Send an object that is to be created to a webhook; return the webhook's response."""
        group, _, version = obj["apiVersion"].rpartition("/")
        request = {
            "uid": "1",
            "operation": "CREATE",
            "namespace": obj["metadata"]["namespace"],
            "kind": {"group": group, "version": version, "kind": obj["kind"]},
            "object": obj,
        }
        review = {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview"}
        message = json.dumps(review | {"request": request}).encode()
        url = f"https://127.0.0.1:{self.port}/{path}"
        context = ssl._create_unverified_context()  # noqa: S323
        sent = Request(url, message, {"Content-Type": "application/json"})
        with urlopen(sent, context=context, timeout=30) as answer:  # noqa: S310
            response: Object = json.load(answer)["response"]
            return response

    def inject(self, pod: Object) -> Object:
        """Return a pod as the webhook for sidecars changes it."""
        patch = base64.b64decode(self.review("inject", pod)["patch"]).decode()
        command = ("patch", "--local", "-f", "-", "--type=json", "-o", "json", "--patch", patch)
        injected: Object = json.loads(self.api.kubectl(*command, stdin=json.dumps(pod)))
        return injected

    def is_ready(self) -> bool:
        """Return whether the webhooks answer."""
        context = ssl._create_unverified_context()  # noqa: S323
        try:
            with urlopen(f"https://127.0.0.1:{self.port}/ready", context=context, timeout=5):
                return True
        except (URLError, OSError):
            return False


@contextmanager
def start_istiod(folder: Path) -> Iterator[Istiod]:
    """Run istiod with the settings of the add-on until the block ends; logs are in `folder`.

    The API server has the add-on's objects except the webhooks, which it can't reach.
    """
    placeholders = layout().build_placeholders(Addresses("127.0.0.1", "127.0.0.1"))
    addon = addons.read_addon("istio", placeholders)
    assert addon.crds
    assert addon.charts
    with start_api_server(folder) as api:
        for objects in (addon.crds.read(), addon.read_objects()):
            api.kubectl("apply", "--server-side", "-f", "-", stdin=objects)
        kinds = "mutatingwebhookconfigurations,validatingwebhookconfigurations"
        api.kubectl("delete", kinds, "--all")
        ports = dict(zip(LISTENERS, find_free_ports(len(LISTENERS)), strict=True))
        control = ports.pop("ctrlz_port")
        command = [str(externals.ensure_program("pilot-discovery")), "discovery"]
        command += [f"--kubeconfig={write_kubeconfig(api, folder)}", f"--ctrlz_port={control}"]
        command += [f"--{name}=127.0.0.1:{port}" for name, port in ports.items()]
        settings = addon.charts.releases["istiod"]["values"]["env"]
        own = {"POD_NAME": "istiod", "POD_NAMESPACE": "istio-system", "SERVICE_ACCOUNT": "istiod"}
        env = {**os.environ, **settings, **own, "PILOT_CERT_PROVIDER": "istiod"}
        with start(command, env, folder / "istiod.log"):
            istiod = Istiod(api, ports["httpsAddr"])
            wait("istiod", istiod.is_ready, 60)
            yield istiod
