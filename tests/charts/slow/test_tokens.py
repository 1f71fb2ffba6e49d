"""A pod with a token needs to be a client of the API server in the services table."""

import json
from typing import Any

import pytest
from tests.charts.cases import APIS, UMBRELLA

from carbon.charts.render import Render, run_template
from carbon.errors import CarbonError

TOKENS = {"auth": {"type": "kubernetes"}, "grpc": {"enabled": False}}
SCALED = {"mode": "kuberay", "autoscaling": {"enabled": True}}


def render(values: dict[str, Any], **clients: str) -> None:
    ports = {name: {"clients": clients} for name in ("https", "https-pods")}
    given = {"global": {"services": {"kubernetes-api": {"ports": ports}}}} | values
    sets = tuple(f"{key}={json.dumps(value)}" for key, value in given.items())
    run_template(Render(UMBRELLA.folder, sets=sets, apis=APIS))


@pytest.mark.parametrize(
    ("values", "client"),
    [({"feast": TOKENS}, "feast-server"), ({"ray-cluster": SCALED}, "ray-cluster")],
)
def test_a_pod_with_a_token_is_refused_while_no_port_of_the_api_server_lists_it(
    values: dict[str, Any], client: str
) -> None:
    missing = f"kubernetes-api.ports: .* no port has the client {client}; write `{client}: all`"
    for clients in ({}, {client: "none"}):
        with pytest.raises(CarbonError, match=missing):
            render(values, **clients)
    render(values, **{client: "all"})
    render(values | {"mesh-policies": {"networkPolicies": {"enabled": False}}})
