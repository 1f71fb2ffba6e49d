"""Apply a feature view, materialize it, and read it back from the servers.

Environment: HTTP_URL, HTTP_CA (with TLS), GRPC_ADDRESS (empty: no gRPC), AUTH, REFRESH_SECONDS. The
source of the feature view is a file in this pod, whatever the platform's offline store is. Registry
and online store are those of the servers. If the servers authenticate clients, the test passes when
the HTTP server refuses a request without a token.
"""

import json
import os
import ssl
import tempfile
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import quoting

quoting.quote_environment()
import pandas as pd  # noqa: E402
from feast import Entity, FeatureStore, FeatureView, Field, FileSource, ValueType  # noqa: E402
from feast.errors import FeastObjectNotFoundException  # noqa: E402
from feast.repo_config import load_repo_config  # noqa: E402
from feast.types import String  # noqa: E402
from feast.utils import get_default_yaml_file_path  # noqa: E402

MARK = uuid.uuid4().hex
"""Value of the feature, different in each test."""
FEATURE = "helm_test:mark"
TIMEOUT_SECONDS = 2 * int(os.environ["REFRESH_SECONDS"]) + 60


def load_store() -> FeatureStore:
    """Return the servers' feature store, with files as the offline store."""
    folder = Path(os.environ["FEATURE_REPO_DIR_ENV_VAR"])
    config = load_repo_config(folder, get_default_yaml_file_path(folder))
    config.offline_config = {"type": "dask"}
    return FeatureStore(config=config)


def read_over_http() -> str:
    """Return the feature's value from the HTTP server, or the error."""
    body = json.dumps({"features": [FEATURE], "entities": {"helm_test_id": [1]}}).encode()
    url = os.environ["HTTP_URL"] + "/get-online-features"
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
    ca = os.environ.get("HTTP_CA")
    tls = ssl.create_default_context(cafile=ca) if url.startswith("https") else None
    try:
        with urllib.request.urlopen(request, timeout=10, context=tls) as answer:
            return str(json.load(answer)["results"][-1]["values"][0])
    except urllib.error.HTTPError as error:
        return f"HTTP {error.code}"
    except OSError as error:
        return str(error)


def read_over_grpc() -> str:
    """Return the feature's value from the gRPC server, or the error."""
    import grpc
    from feast.protos.feast.serving import ServingService_pb2 as messages
    from feast.protos.feast.serving.GrpcServer_pb2_grpc import GrpcFeatureServerStub
    from feast.protos.feast.types.Value_pb2 import RepeatedValue, Value

    request = messages.GetOnlineFeaturesRequest(
        features=messages.FeatureList(val=[FEATURE]),
        entities={"helm_test_id": RepeatedValue(val=[Value(int64_val=1)])},
    )
    with grpc.insecure_channel(os.environ["GRPC_ADDRESS"]) as channel:
        try:
            answer = GrpcFeatureServerStub(channel).GetOnlineFeatures(request, timeout=10)
        except grpc.RpcError as error:
            return str(error.details())
    return str(answer.results[-1].values[0].string_val)


class TestView:
    """The feature view of this test, with one row.

    Any `feast apply` removes views that are not in its repository. So another `feast apply` may
    remove this view at any time, even between its apply and its materialization.
    """

    def __init__(self, features: FeatureStore, folder: Path) -> None:
        path = folder / "marks.parquet"
        self.features = features
        self.now = datetime.now(tz=UTC)
        rows = {"helm_test_id": [1], "mark": [MARK], "seen": [self.now - timedelta(minutes=1)]}
        pd.DataFrame(rows).to_parquet(path)
        self.entity = Entity(name="helm_test_id", value_type=ValueType.INT64)
        self.source = FileSource(name="helm_test", path=str(path), timestamp_field="seen")

    def write(self) -> None:
        """Apply the view and materialize it.

        Raises:
            FeastObjectNotFoundException: the view was removed after its apply.
        """
        view = FeatureView(
            name="helm_test",
            entities=[self.entity],
            schema=[Field(name="mark", dtype=String)],
            source=self.source,
        )
        self.features.apply([self.entity, self.source, view])
        hour_ago = self.now - timedelta(hours=1)
        self.features.materialize(hour_ago, self.now, feature_views=["helm_test"])

    def ensure(self) -> None:
        """Write the view if the registry does not contain it."""
        views = self.features.registry.list_feature_views(self.features.project, allow_cache=False)
        if all(view.name != "helm_test" for view in views):
            with suppress(FeastObjectNotFoundException):
                self.write()

    def delete(self) -> None:
        """Delete the view, its source and its entity from the registry."""
        registry, project = self.features.registry, self.features.project
        for delete, name in (
            (registry.delete_feature_view, "helm_test"),
            (registry.delete_data_source, "helm_test"),
            (registry.delete_entity, "helm_test_id"),
        ):
            with suppress(FeastObjectNotFoundException):
                delete(name, project)

    def wait(self, subject: str, read: Callable[[], str], expected: str) -> None:
        """Read until the result is as expected; a server finds the view when it refreshes.

        Raises:
            SystemExit: another result for TIMEOUT_SECONDS.
        """
        deadline = time.monotonic() + TIMEOUT_SECONDS
        while (got := read()) != expected:
            if time.monotonic() > deadline:
                raise SystemExit(
                    f"{subject}: got {got!r} instead of {expected!r} for {TIMEOUT_SECONDS} s"
                )
            self.ensure()
            time.sleep(1)
        print(f"{subject}: {expected}", flush=True)


def main() -> None:
    """Write, read and clean up."""
    with tempfile.TemporaryDirectory() as folder:
        view = TestView(load_store(), Path(folder))
        try:
            view.ensure()
            if os.environ["AUTH"] == "no_auth":
                view.wait("read over HTTP", read_over_http, MARK)
            else:
                view.wait("read over HTTP without a token", read_over_http, "HTTP 401")
            if os.environ["GRPC_ADDRESS"]:
                view.wait("read over gRPC", read_over_grpc, MARK)
        finally:
            view.delete()


if __name__ == "__main__":
    main()
