"""The data of a release: written before an upgrade and counted after it."""

from dataclasses import dataclass
from typing import Any

from tests.live.support import Release, check_logged_runs

from carbon.home import ROOT
from carbon.release.index import FOLDER

PACKAGE = FOLDER / "254carbon-0.1.0.tgz"
READ_REDIS = ROOT / "tests/live/redis_data/read.lua"
VIEW = {"FEATURE": "prices:price", "KEY": "zone", "HOST": "feast-server"}
PUSH = {"SOURCE": "prices_pushed", "COLUMN": "price", "TIME": "hour"}
PRICE = "81.5"
OF_HELM_TEST = "helm_test_id"
"""Part of the key that each `helm test` of Feast writes."""
PSQL = 'IFS= read -r PGPASSWORD; export PGPASSWORD; psql -tA "$1" -c "$2"'
COUNT_ROWS = """
SELECT string_agg(t || ' ' || (xpath('//n/text()', query_to_xml(
    format('SELECT count(*) AS n FROM %I', t), false, true, '')))[1], ', ' ORDER BY t)
FROM (SELECT tablename AS t FROM pg_tables WHERE schemaname = 'public') AS tables
"""
REDIS = 'IFS= read -r REDISCLI_AUTH; export REDISCLI_AUTH; redis-cli "$@"'


@dataclass
class Data:
    """Reads and writes the data of a release with embedded stores."""

    release: Release

    def write(self, zone: str) -> None:
        """Log runs with MLflow for a while, and push one price to Feast."""
        check_logged_runs(self.release.start_client("log_runs.py", SECONDS="15"))
        env = {**VIEW, **PUSH, "ID": zone, "VALUE": PRICE}
        pushed = self.release.start_client("push_features.py", "feast", **env)
        assert pushed.wait_for_output() == "pushed and read"

    def count(self, experiments: int | None = None) -> dict[str, Any]:
        """Return runs with their artifacts, rows of Feast's tables, and keys of Redis with a hash.

        With `experiments`, only the runs of as many of the oldest experiments count.
        """
        env = {"EXPERIMENTS": str(experiments)} if experiments else {}
        runs = self.release.start_client("count_runs.py", **env).wait_for_json()
        assert runs["intact"] == runs["runs"]
        keys = self.run_redis("eval", READ_REDIS.read_text(), "0", OF_HELM_TEST)
        return {"MLflow": runs, "Feast": self._count_rows("feast"), "Redis": keys}

    def read_price(self, zone: str) -> None:
        """Read a pushed price over HTTP and gRPC for some seconds without a failed request."""
        env = {**VIEW, "ID": zone, "SECONDS": "3", "EXPECTED": PRICE}
        counts = self.release.start_client("read_features.py", "feast", **env)
        for protocol, read in counts.wait_for_json().items():
            assert read["failed"] == 0, (protocol, read)
            assert read["read"] > 10

    def run_redis(self, *args: str) -> str:
        """Run a command of Redis."""
        password = self.release.read_key("redis-credentials", "password")
        command = ("exec", "-i", "redis-0", "-c", "redis", "--", "bash", "-c", REDIS, "-", *args)
        return self.release.kubectl(*command, stdin=f"{password}\n").strip()

    def _count_rows(self, database: str) -> str:
        secret = f"postgresql-{database}"
        user, password = (self.release.read_key(secret, key) for key in ("username", "password"))
        where = f"host=postgresql dbname={database} user={user}"
        command = ("exec", "-i", "postgresql-0", "-c", "postgresql", "--", "bash", "-c", PSQL, "-")
        return self.release.kubectl(*command, where, COUNT_ROWS, stdin=f"{password}\n").strip()
