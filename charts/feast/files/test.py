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
from datetime import UTC, datetime, timedelta
from pathlib import Path

import quoting

quoting.environment()
import pandas as pd  # noqa: E402
from feast import Entity, FeatureStore, FeatureView, Field, FileSource, ValueType  # noqa: E402
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


def until(what: str, read: Callable[[], str], wanted: str) -> None:
    """Read again and again, since a server learns of a new view when it refreshes its registry."""
    deadline = time.monotonic() + PATIENCE
    while (got := read()) != wanted:
        if time.monotonic() > deadline:
            raise SystemExit(f"{what}: got {got!r} instead of {wanted!r} for {PATIENCE} s")
        time.sleep(1)
    print(f"{what}: {wanted}", flush=True)


def main() -> None:
    """Write, read and clean up."""
    features = store()
    now = datetime.now(tz=UTC)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "marks.parquet"
        rows = {"helm_test_id": [1], "mark": [MARK], "seen": [now - timedelta(minutes=1)]}
        pd.DataFrame(rows).to_parquet(path)
        entity = Entity(name="helm_test_id", value_type=ValueType.INT64)
        source = FileSource(name="helm_test", path=str(path), timestamp_field="seen")
        schema = [Field(name="mark", dtype=String)]
        view = FeatureView(name="helm_test", entities=[entity], schema=schema, source=source)
        features.apply([entity, source, view])
        try:
            features.materialize(now - timedelta(hours=1), now, feature_views=["helm_test"])
            if os.environ["AUTH"] == "no_auth":
                until("over HTTP", over_http, MARK)
            else:
                until("over HTTP without a token", over_http, "HTTP 401")
            if os.environ["GRPC_ADDRESS"]:
                until("over gRPC", over_grpc, MARK)
        finally:
            registry, project = features.registry, features.project
            registry.delete_feature_view("helm_test", project)
            registry.delete_data_source("helm_test", project)
            registry.delete_entity("helm_test_id", project)


if __name__ == "__main__":
    main()
