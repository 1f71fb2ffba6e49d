"""Valkey reads the data of Redis 7.0.15, and Redis reads what Valkey wrote with the chart's values.

Both servers run here with the command and the configuration of the rendered chart, without a node.
"""

import json
import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.live.support import wait
from tests.live.unpacked import start_program, unpack_image

from carbon.charts.render import Render, render_objects
from carbon.home import ROOT

SCRIPTS = Path(__file__).parent / "redis_data"
USER = 999
LOGIN = {"REDISCLI_AUTH": "a \\ 'secret' of \"Redis\""}
BEFORE = {"aof-use-rdb-preamble": "yes"}
"""The setting of the chart's release with Redis 7.0.15, which is the default of both programs."""
NOW: dict[str, str] = {}
REFUSED = "Can't handle RDB format version"


@dataclass(frozen=True)
class Server:
    """A running server, and the root of the image that it runs from."""

    root: Path
    port: int

    def run(self, *args: str, stdin: str | None = None) -> str:
        """Run redis-cli, with commands as arguments or on standard input; fail on an error."""
        command = ["chroot", str(self.root), "redis-cli", "-e", "-p", str(self.port), *args]
        env = os.environ | LOGIN
        done = subprocess.run(
            command, input=stdin, env=env, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout.strip()

    def write(self, prefix: str) -> None:
        """Write keys of all types below a prefix."""
        answers = self.run(stdin=(SCRIPTS / "write.redis").read_text().replace("PREFIX", prefix))
        assert "ERR" not in answers, answers

    def read(self) -> str:
        """Return the number of keys, the hash of all data, and the functions' answers."""
        data = self.run("eval", (SCRIPTS / "read.lua").read_text(), "0")
        names = sorted(self.run("--raw", "function", "list").split())
        functions = [name for name in names if name.startswith("answer_")]
        return " ".join([data, *(name + self.run("fcall", name, "0") for name in functions)])

    def rewrite(self) -> None:
        """Rewrite the append-only file and wait for its end."""
        self.run("bgrewriteaof")

        def has_ended() -> bool:
            info = self.run("info", "persistence").splitlines()
            return {"aof_rewrite_in_progress:0", "aof_rewrite_scheduled:0"} <= set(info)

        wait("the rewritten append-only file", has_ended)
        assert "aof_last_bgrewrite_status:ok" in self.run("info", "persistence").splitlines()


@pytest.fixture(scope="module")
def roots(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The unpacked images by name."""
    folder = tmp_path_factory.mktemp("images")
    return {name: unpack_image(name, folder) for name in ("redis", "valkey")}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """The folder of the servers' data."""
    folder = tmp_path / "data"
    folder.mkdir()
    os.chown(folder, USER, USER)
    return folder


@contextmanager
def run_server(
    root: Path, data: Path, settings: dict[str, str], user: str = ""
) -> Iterator[Server]:
    """Run the server of an image with the chart's command and settings, and its data in `data`.

    If `user` is not empty, the Secret contains this user name.
    """
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    settings = {"bind": "127.0.0.1"} | settings
    keys = {"username": "user" if user else ""}
    sets = (
        f"redis.settings={json.dumps(settings)}",
        f"global.redis.port={port}",
        f"global.redis.existingSecret.keys={json.dumps(keys)}",
    )
    objects = {
        (each["kind"], each["metadata"]["name"]): each
        for each in render_objects(Render(ROOT / "charts" / "data-services", sets=sets))
    }
    config = data.parent / "config"
    config.mkdir(exist_ok=True)
    for name, text in objects["ConfigMap", "redis"]["data"].items():
        (config / name).write_text(text)
    [container] = objects["StatefulSet", "redis"]["spec"]["template"]["spec"]["containers"]
    mounts = {data: "/data", config: "/etc/redis"}
    login = LOGIN | {"REDIS_USERNAME": user}
    with start_program(root, container["command"], mounts, login) as process:
        server = Server(root, port)
        try:
            wait("the server", lambda: _answers(server, process))
            yield server
            server.run("shutdown")
            process.wait(30)
        finally:
            process.kill()


def _answers(server: Server, process: "subprocess.Popen[str]") -> bool:
    assert process.poll() is None, process.communicate()[0]
    try:
        return server.run("ping") == "PONG"
    except AssertionError:
        return False


def test_valkey_reads_the_data_of_redis_and_redis_the_rewritten_data_of_valkey(
    roots: dict[str, Path], data: Path
) -> None:
    with run_server(roots["redis"], data, BEFORE) as redis:
        redis.write("redis")
        redis.rewrite()
        redis.write("later")
        before = redis.read()
    with run_server(roots["valkey"], data, NOW) as valkey:
        assert valkey.read() == before
        valkey.write("valkey")
        valkey.rewrite()
        valkey.write("last")
        after = valkey.read()
    with run_server(roots["redis"], data, BEFORE) as redis:
        assert redis.read() == after
    print(before, after, sep="\n")
    assert before != after


def test_redis_reads_data_that_valkey_wrote_from_the_first_start(
    roots: dict[str, Path], data: Path
) -> None:
    with run_server(roots["valkey"], data, NOW) as valkey:
        valkey.write("valkey")
        after = valkey.read()
    with run_server(roots["redis"], data, BEFORE) as redis:
        assert redis.read() == after


def test_redis_refuses_data_that_valkey_rewrote_with_an_rdb_preamble(
    roots: dict[str, Path], data: Path
) -> None:
    with run_server(roots["valkey"], data, BEFORE) as valkey:
        valkey.write("valkey")
        valkey.rewrite()
    with pytest.raises(AssertionError, match=REFUSED), run_server(roots["redis"], data, BEFORE):
        pass


def test_the_user_of_the_secret_can_write_and_the_user_default_remains(
    roots: dict[str, Path], data: Path
) -> None:
    user = "the'platform\\"
    with run_server(roots["valkey"], data, NOW, user) as valkey:
        assert valkey.run("--user", user, "acl", "whoami") == user
        assert valkey.run("--user", user, "set", "a", "b") == "OK"
        assert valkey.run("acl", "whoami") == "default"
        with pytest.raises(AssertionError, match="WRONGPASS"):
            valkey.run("--user", "other", "get", "a")
