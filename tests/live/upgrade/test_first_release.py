"""The upgrade from release 0.1.0, whose Redis is 7.0.15, and the way back, with counted data."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.live.support import RELEASE, Release, check_logged_runs, wait

from carbon import images
from carbon.cluster import access
from carbon.home import ROOT
from carbon.platform.target import Target
from carbon.release.index import FOLDER

VALUES = Path(__file__).parent / "first_release.yaml"
PACKAGE = FOLDER / "254carbon-0.1.0.tgz"
READ_REDIS = ROOT / "tests/live/redis_data/read.lua"
VIEW = {"FEATURE": "prices:price", "KEY": "zone"}
PUSH = {"SOURCE": "prices_pushed", "COLUMN": "price", "TIME": "hour"}
DATABASES = {"mlflow": "postgresql-mlflow", "feast": "postgresql-feast"}
"""Each database with the Secret of its owner."""
PSQL = 'IFS= read -r PGPASSWORD; export PGPASSWORD; psql -tA "$1" -c "$2"'
COUNT_ROWS = """
SELECT string_agg(t || ' ' || (xpath('//n/text()', query_to_xml(
    format('SELECT count(*) AS n FROM %I', t), false, true, '')))[1], ', ' ORDER BY t)
FROM (SELECT tablename AS t FROM pg_tables WHERE schemaname = 'public') AS tables
"""
REDIS = 'IFS= read -r REDISCLI_AUTH; export REDISCLI_AUTH; redis-cli "$@"'


@dataclass
class Data:
    """Reads and writes the data of a release."""

    release: Release

    def write(self, zone: str) -> None:
        """Log runs with MLflow for a while, and push one price to Feast."""
        check_logged_runs(self.release.start_client("log_runs.py", SECONDS="15"))
        names = {"HOST": "feast-server", "ID": zone, "VALUE": "81.5"}
        pushed = self.release.start_client("push_features.py", "feast", **VIEW, **PUSH, **names)
        assert pushed.wait_for_output() == "pushed and read"

    def count(self) -> dict[str, object]:
        """Return runs with their artifacts, rows of all tables, and keys of Redis with a hash."""
        runs = self.release.start_client("count_runs.py").wait_for_json()
        assert runs["intact"] == runs["runs"]
        rows = {name: self._count_rows(name, secret) for name, secret in DATABASES.items()}
        return {
            "MLflow": runs,
            **rows,
            "Redis": self.run_redis("eval", READ_REDIS.read_text(), "0"),
        }

    def read_price(self, zone: str) -> None:
        """Read a pushed price over HTTP and gRPC for some seconds without a failed request."""
        names = {"HOST": "feast-server", "ID": zone, "SECONDS": "3", "EXPECTED": "81.5"}
        counts = self.release.start_client("read_features.py", "feast", **VIEW, **names)
        for protocol, read in counts.wait_for_json().items():
            assert read["failed"] == 0, (protocol, read)
            assert read["read"] > 10

    def run_redis(self, *args: str) -> str:
        """Run a command of Redis."""
        password = self.release.read_key("redis-credentials", "password")
        command = ("exec", "-i", "redis-0", "-c", "redis", "--", "bash", "-c", REDIS, "-", *args)
        return self.release.kubectl(*command, stdin=f"{password}\n").strip()

    def _count_rows(self, database: str, secret: str) -> str:
        user, password = (self.release.read_key(secret, key) for key in ("username", "password"))
        where = f"host=postgresql dbname={database} user={user}"
        command = ("exec", "-i", "postgresql-0", "-c", "postgresql", "--", "bash", "-c", PSQL, "-")
        return self.release.kubectl(*command, where, COUNT_ROWS, stdin=f"{password}\n").strip()


@pytest.fixture
def release(cluster: Target) -> Iterator[Release]:
    images.load_archives(images.ensure_archives(["redis"]), access.run_ctr)
    with Release("first-release") as release:
        yield release


def test_all_data_survive_the_upgrade_from_the_first_release_and_the_way_back(
    release: Release,
) -> None:
    data, values = Data(release), ("--values", str(VALUES))
    package = (str(PACKAGE), "--create-namespace")
    release.run_helm("helm", "install", RELEASE, *package, *values, timeout="8m")
    data.write("DE-LU")
    first = data.count()
    print("0.1.0:", first)

    release.run_helm("helm", "upgrade", RELEASE, "umbrella/", *values, timeout="8m")
    assert data.count() == first
    data.read_price("DE-LU")
    data.write("FR")
    second = data.count()
    print("upgraded:", second)
    assert second != first

    data.run_redis("bgrewriteaof")  # docs/redis-to-valkey.md
    wait(
        "the rewritten append-only file",
        lambda: "aof_rewrite_in_progress:0" in data.run_redis("info", "persistence"),
    )
    release.run_helm("helm", "rollback", RELEASE, "1", timeout="8m")
    assert data.count() == second
    for zone in ("DE-LU", "FR"):
        data.read_price(zone)
