"""A client that verifies PostgreSQL, Redis or S3 has CA certificates, even if the values name none.

The tests render each chart in each mode of TLS without CA certificates. CLIENTS and SERVERS list
the strings that only a render with TLS has: a test fails for a client that is not in the tables.
"""

import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from tests.charts.cases import APIS, CHARTS

from carbon.charts.render import Object, Render, identity, pod_templates, render_objects
from carbon.errors import CarbonError

CLIENTS = {
    # libpq encrypts without verifying in these modes.
    r"(PGSSLMODE=|sslmode: )(allow|prefer|require)": "",
    # libpq verifies by no certificates of the image (its manual, sslrootcert).
    r"PGSSLMODE=verify-(ca|full)": r"PGSSLROOTCERT=/.+",
    r"sslmode: verify-(ca|full)": r"sslrootcert_path: /.+",
    # Ray verifies Redis in every mode, by RAY_REDIS_CA_CERT only (redis_context.cc).
    r"(RAY_REDIS_ADDRESS=|redisAddress: )rediss://.+": r"RAY_REDIS_CA_CERT=/.+",
    r"connection_string: .+,ssl=true,ssl_cert_reqs=none,ssl_check_hostname=false": "",
    # redis-py 7.4.1 calls ssl.create_default_context() (connection.py, asyncio/connection.py). This
    # function trusts SSL_CERT_FILE or OpenSSL's file in the image, whose path differs among images.
    r"connection_string: .+,ssl=true,ssl_cert_reqs=required,ssl_check_hostname=true": "",
    # These clients run in the pod of Redis and connect to 127.0.0.1.
    r"REDIS_ADDR=rediss://127\.0\.0\.1:.+": "REDIS_EXPORTER_SKIP_TLS_VERIFICATION=true",
    r".*redis-cli -p \d+ --tls --insecure ping.*": "",
    r'"?--tls"?,?': '"?--insecure"?',
    # botocore has certificates of its own (cacert.pem), libarrow trusts the file of Python's module
    # ssl (pyarrow/_fs.pyx), and so does Python's urllib, which creates the buckets.
    r"(MLFLOW_|FEAST_)?S3_ENDPOINT(_URL)?=https://.+": "",
    r"AWS_ENDPOINT_URL_S3=https://.+": "",
}
"""Patterns of strings of clients, each with that of a string that the same object must have too."""
SERVERS = (
    r"hostssl .+|ssl = on|ssl_(cert|key)_file = .+|tls-.+|port 0|-s3\.(cert|key)\.file=.+"
    r"|scheme: HTTPS|path: /readyz|wget .+/healthz|mountPath: .+|(name|path|key|secretName): .+"
    r"|checksum/.+|REDIS_EXPORTER_SKIP_TLS_VERIFICATION=true|\"?--insecure\"?|\"6379\","
)
"""Pattern for strings of servers, of volumes, and of checksums."""
AUTHORITY = r"(?:PGSSLROOTCERT=|RAY_REDIS_CA_CERT=|SSL_CERT_FILE=|sslrootcert_path: )(.+)"
"""Pattern for strings that name a file with CA certificates."""
BUNDLES = {"/etc/ssl/certs/ca-certificates.crt"}
"""Files with CA certificates in images: Ray's image is Ubuntu with the package ca-certificates."""
MODES = {
    "postgresql": ["allow", "prefer", "require", "verify-ca", "verify-full"],
    "redis": ["require", "verify-full"],
}
PLAIN = ("allow", "prefer")
"""Modes with which the embedded PostgreSQL has no TLS."""
VALUES: dict[str, list[dict[str, Any]]] = {
    "backup": [{}],
    "data-services": [{"global": {"monitoring": {"enabled": True}}}],
    "feast": [
        {},
        {"registry": {"store": "s3"}, "onlineStore": {"type": "postgresql"}},
        {
            "offlineStore": {"type": "postgresql"},
            "onlineStore": {"redis": {"topology": "cluster", "nodes": ["one:6379", "two:6379"]}},
        },
    ],
    "mlflow": [{}, {"auth": {"enabled": True}, "artifacts": {"access": "direct"}}],
    "ray-cluster": [
        {"mode": mode, "gcsFaultTolerance": {"enabled": True}} for mode in ("standalone", "kuberay")
    ],
}
"""Values with which each chart renders its clients of the stores."""
TLS = [
    *((store, {"mode": mode}) for store, modes in MODES.items() for mode in modes),
    ("s3", {"enabled": True}),
]
STORES = {
    chart.name: {store for store, _ in TLS if "tls" in chart.read_values()["global"].get(store, {})}
    for chart in CHARTS
    if not chart.is_umbrella
}
"""Stores whose TLS is among the values of each chart."""
CASES = [
    (chart, values, store, tls)
    for chart, variants in VALUES.items()
    for values in variants
    for store, tls in TLS
    if store in STORES[chart]
]


@cache
def render(chart: str, text: str) -> list[Object]:
    """Render a chart with values in JSON."""
    folder = next(each.folder for each in CHARTS if each.name == chart)
    sets = tuple(f"{key}={json.dumps(value)}" for key, value in json.loads(text).items())
    return render_objects(Render(folder, sets=sets, apis=APIS))


def list_strings(value: Any, key: str = "") -> Iterator[str]:
    """Yield the lines in an object: NAME=value for a variable, `key: value` for a field."""
    if isinstance(value, dict) and isinstance(value.get("value"), str) and "name" in value:
        yield f"{value['name']}={value['value']}"
    elif isinstance(value, dict):
        for name, each in value.items():
            yield from list_strings(each, name)
    elif isinstance(value, list):
        for each in value:
            yield from list_strings(each)
    elif isinstance(value, str):
        label = f"{key}: " if key and "\n" not in value else ""
        yield from (label + line.strip() for line in value.splitlines())


def list_authorities(obj: Object) -> set[str]:
    """Return the files of Secrets that the pods of an object mount."""
    files = set()
    for pod in pod_templates(obj):
        volumes = {volume["name"]: volume for volume in pod["spec"].get("volumes", [])}
        for container in pod["spec"]["containers"]:
            for mount in container.get("volumeMounts", []):
                items = volumes.get(mount["name"], {}).get("secret", {}).get("items", [])
                files |= {f"{mount['mountPath']}/{item['path']}" for item in items if item["key"]}
    return files


def test_the_table_of_values_has_each_chart_with_clients_of_the_stores() -> None:
    assert set(VALUES) == {chart for chart, stores in STORES.items() if stores}


@pytest.mark.parametrize(("chart", "values", "store", "tls"), CASES, ids=str)
def test_a_client_trusts_the_image_or_is_refused_if_the_values_name_no_ca_certificates(
    chart: str, values: dict[str, Any], store: str, tls: dict[str, Any]
) -> None:
    plain = {line for obj in render(chart, json.dumps(values)) for line in list_strings(obj)}
    encrypted = values | {"global": values.get("global", {}) | {store: {"tls": tls}}}
    if chart == "data-services" and tls.get("mode") not in PLAIN:
        server = {"enabled": True, "existingSecret": {"keys": {"ca": ""}}}
        encrypted[store] = {"tls": server}
    try:
        rendered = render(chart, json.dumps(encrypted))
    except CarbonError as error:
        refusal = error.what
    else:
        refusal = ""
    if refusal:
        assert re.search(rf"{store}\.tls\.existingSecret\.\S+: .*; write ", refusal)
        return
    for obj in rendered:
        lines = set(list_strings(obj))
        bundles = BUNDLES | list_authorities(obj)
        for line in lines - plain:
            forms = [needed for form, needed in CLIENTS.items() if re.fullmatch(form, line)]
            authority = re.fullmatch(AUTHORITY, line)
            assert forms or authority or re.fullmatch(SERVERS, line), f"{identity(obj)}: {line}"
            assert authority is None or authority[1] in bundles, f"{identity(obj)}: {line}"
            for needed in filter(None, forms):
                assert any(re.fullmatch(f"(?:{needed}),?", each) for each in lines), line
