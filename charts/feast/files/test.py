"""Apply a feature view, materialize it, and read it back from the servers.

Environment: HTTP_URL, GRPC_ADDRESS (empty: no gRPC), AUTH, REFRESH_SECONDS. The view's source is a
file of this pod, whatever the platform's offline store is; registry and online store are the
servers' own. Where callers must say who they are, the servers must refuse one who doesn't.
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

quoting.environment()
import pandas as pd  # noqa: E402
from feast import Entity, FeatureStore, FeatureView, Field, FileSource, ValueType  # noqa: E402
from feast.errors import FeastObjectNotFoundException  # noqa: E402
from feast.repo_config import load_repo_config  # noqa: E402
from feast.types import String  # noqa: E402

MARK = uuid.uuid4().hex
FEATURE = "helm_test:mark"
PATIENCE = 2 * int(os.environ["REFRESH_SECONDS"]) + 60


def store() -> FeatureStore:
    """The servers' store, with files for sources."""
    folder = Path(os.environ["FEATURE_REPO_DIR_ENV_VAR"])
    config = load_repo_config(folder, folder / "feature_store.yaml")
    config.offline_config = {"type": "dask"}
    return FeatureStore(config=config)


def over_http() -> str:
    """The mark that the HTTP server reads, or what stands in the way."""
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


def over_grpc() -> str:
    """The mark that the gRPC server reads, or what stands in the way."""
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


class Written:
    """What this test writes: a view with one row.

    Any `feast apply` removes what its repository lacks, so the view may go at any time, even
    between its own apply and its materialization.
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
            FeastObjectNotFoundException: it went meanwhile.
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

    def keep(self) -> None:
        """Write it anew if it is gone."""
        views = self.features.registry.list_feature_views(self.features.project, allow_cache=False)
        if all(view.name != "helm_test" for view in views):
            with suppress(FeastObjectNotFoundException):
                self.write()

    def delete(self) -> None:
        """Leave nothing behind."""
        registry, project = self.features.registry, self.features.project
        for delete, name in (
            (registry.delete_feature_view, "helm_test"),
            (registry.delete_data_source, "helm_test"),
            (registry.delete_entity, "helm_test_id"),
        ):
            with suppress(FeastObjectNotFoundException):
                delete(name, project)

    def until(self, what: str, read: Callable[[], str], wanted: str) -> None:
        """Read again and again, since a server learns of a view when it refreshes its registry."""
        deadline = time.monotonic() + PATIENCE
        while (got := read()) != wanted:
            if time.monotonic() > deadline:
                raise SystemExit(f"{what}: got {got!r} instead of {wanted!r} for {PATIENCE} s")
            self.keep()
            time.sleep(1)
        print(f"{what}: {wanted}", flush=True)


def main() -> None:
    """Write, read and clean up."""
    with tempfile.TemporaryDirectory() as folder:
        written = Written(store(), Path(folder))
        try:
            written.keep()
            if os.environ["AUTH"] == "no_auth":
                written.until("over HTTP", over_http, MARK)
            else:
                written.until("over HTTP without a token", over_http, "HTTP 401")
            if os.environ["GRPC_ADDRESS"]:
                written.until("over gRPC", over_grpc, MARK)
        finally:
            written.delete()


if __name__ == "__main__":
    main()
