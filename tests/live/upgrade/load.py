"""Load on MLflow, Feast and Ray Serve while a release changes, and `carbon upgrade`."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from tests.live.ray.support import HEAD, RayRelease
from tests.live.support import RELEASE, Client, Release, wait
from tests.live.upgrade.data import PRICE, VIEW

from carbon.home import ROOT

LONGEST = "1500"
"""Seconds after which a client ends although nothing has stopped it."""
STORES = ("postgresql", "redis", "s3")
RECONNECT = 10.0
"""Seconds after a store is Ready in which servers still use connections to its old pod."""
ONLY_NEW = "MLFLOW_CRYPTO_KEK_PASSPHRASE"
"""A variable of MLflow's servers that release 0.1.0 does not set."""


class Load:
    """Clients without retries. `counts` has what they counted, after the load has ended.

    `outages` has the embedded stores whose pods were replaced, with start and end in Unix time.
    """

    counts: dict[str, Any]
    outages: dict[str, tuple[float, float]]

    def __init__(self, release: Release, zone: str) -> None:
        self._release = release
        self._start = time.time()
        env = {**VIEW, "ID": zone, "EXPECTED": PRICE, "SECONDS": LONGEST, "PAUSE": "0.1"}
        self._clients = {
            "MLflow": release.start_client(
                "log_runs.py", SECONDS=LONGEST, PAUSE="0.5", MLFLOW_HTTP_REQUEST_MAX_RETRIES="0"
            ),
            "Feast": release.start_client("read_features.py", "feast", **env),
        }
        self._first = {"MLflow": ("acknowledged", 1), "Feast": ("first read", 2)}
        if isinstance(release, RayRelease):
            url = f"http://{HEAD}:8000/n"
            self._clients["Ray Serve"] = release.start_ray_client(
                "ray_request.py", URL=url, SECONDS=LONGEST
            )
            self._first["Ray Serve"] = ("answered", 1)

    def wait(self) -> None:
        """Wait until every client has got an answer."""
        for name, client in self._clients.items():
            wait(f"an answer of {name}", lambda name=name, client=client: self._runs(name, client))  # type: ignore[misc]

    def _runs(self, name: str, client: Client) -> bool:
        text, times = self._first[name]
        return client.read_log().count(text) >= times

    def stop(self, what: str) -> None:
        """End the clients and print what they counted."""
        for client in self._clients.values():
            client.stop()
        self.counts = {name: read_counts(client) for name, client in self._clients.items()}
        self.outages = list_outages(self._release, self._start)
        for name, failed in self._list_failures():
            print(f"{what}: {name}: {len(failed)} failed requests")
        for store, (start, end) in self.outages.items():
            print(f"{what}: pod of {store} replaced in {end - start:.0f} s")
        print(f"{what}: Ray Serve: {self.counts.get('Ray Serve')}")

    def end(self) -> None:
        """Delete the clients, without their counts."""
        names = [client.name for client in self._clients.values()]
        self._release.kubectl("delete", "pod,configmap", *names, "--wait=false")

    def _list_failures(self) -> list[tuple[str, list[tuple[float, float]]]]:
        """Return each client of MLflow and Feast with start and end of its failed requests."""
        failures = [("MLflow", self.counts["MLflow"]["failed_at"])]
        return failures + [
            (f"Feast, {protocol}", read["failed_at"])
            for protocol, read in self.counts["Feast"].items()
        ]

    def check_failures_in_outages(self) -> None:
        """Check that each failed request overlaps the replacement of a store's pod."""
        for name, failed in self._list_failures():
            for start, end in failed:
                assert any(
                    start < after + RECONNECT and end > before
                    for before, after in self.outages.values()
                ), (name, start, end, self.outages)

    def check_writes(self) -> None:
        """Check that runs were logged and that no acknowledged run is lost."""
        assert self.counts["MLflow"]["acknowledged"] > 0
        assert self.counts["MLflow"]["lost"] == []

    def check_no_failure(self) -> None:
        """Check that no request failed and no acknowledged run is lost."""
        self.check_writes()
        assert self.counts["MLflow"]["failed"] == []
        for protocol, read in self.counts["Feast"].items():
            assert read["failed"] == 0, (protocol, read)
            assert read["read"] > 0


def list_outages(release: Release, since: float) -> dict[str, tuple[float, float]]:
    """Return the stores whose pods were replaced after a time, with start and end in Unix time.

    An outage starts when the kubelet kills the old pod, and ends when the new one is Ready.
    """
    found = {}
    for store in STORES:
        select = f"involvedObject.name={store}-0,reason=Killing"
        listed = json.loads(
            release.kubectl("get", "events", "--field-selector", select, "-o", "json")
        )
        starts = [read_time(event["firstTimestamp"]) for event in listed["items"]]
        starts = [start for start in starts if start > since - 1]  # whole seconds
        pods = [pod for pod in release.get("pods") if pod["metadata"]["name"] == f"{store}-0"]
        if starts and pods:
            [ready] = [c for c in pods[0]["status"]["conditions"] if c["type"] == "Ready"]
            found[store] = (min(starts), read_time(ready["lastTransitionTime"]))
    return found


def read_time(text: str) -> float:
    """Return the Unix time of a time of the API server."""
    return datetime.fromisoformat(text).timestamp()


@contextmanager
def under_load(release: Release, what: str, zone: str = "DE-LU") -> Iterator[Load]:
    """Put load on a release until the context ends. The counts are there after that."""
    load = Load(release, zone)
    try:
        load.wait()
        yield load
    except BaseException:
        load.end()
        raise
    load.stop(what)


def read_counts(client: Client) -> Any:
    """Wait for a client that was stopped; return its last line of JSON."""
    lines = [line for line in client.wait_for_output(420).splitlines() if line.startswith("{")]
    return json.loads(lines[-1])


def build_command(release: Release, *args: str) -> list[str]:
    """Return the words of `carbon upgrade` for a release on the cluster of the tests."""
    where = ("--namespace", release.namespace or "default")
    return [sys.executable, "-m", "carbon", "upgrade", *args, *where]


def upgrade(release: Release, *args: str) -> "subprocess.CompletedProcess[str]":
    """Run `carbon upgrade`; return its result with the standard error in `stdout`."""
    done = subprocess.run(
        build_command(release, *args),
        cwd=ROOT,
        env=os.environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    print(done.stdout[-3000:])
    return done


def read_history(release: Release) -> Sequence[dict[str, Any]]:
    """Return the revisions of the release, oldest first."""
    listed: list[dict[str, Any]] = json.loads(
        release.helm("helm", "history", RELEASE, "--output", "json").stdout
    )
    return listed


def is_upgraded(release: Release) -> bool:
    """Return whether the Deployment of MLflow is that of the working tree."""
    return ONLY_NEW in release.kubectl("get", "deployment", "mlflow", "--output", "yaml")
