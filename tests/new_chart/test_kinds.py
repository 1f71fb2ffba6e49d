"""Charts of a store and of a job, as they are created, and their programs."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from tests.checkouts import run_carbon, run_git
from tests.new_chart.conftest import KINDS, find_port, request
from tests.new_chart.test_chart import LONGEST

from carbon.charts.render import Render, render_objects
from carbon.files import read_yaml
from carbon.home import ROOT
from carbon.scaffold.names import LONGEST as LONGEST_NAME
from carbon.scaffold.rule import check_template
from carbon.scaffold.template import KINDS as TEXTS
from carbon.scaffold.template import Answers
from carbon.scaffold.template import render as render_template


def test_carbon_check_reports_nothing(root: Path) -> None:
    done = run_carbon(root, "check", *KINDS, "backup")
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("name", KINDS)
def test_the_lines_of_its_authors_are_few(root: Path, name: str) -> None:
    *_, total = run_carbon(root, "new-chart", name, "--lines").stdout.splitlines()
    assert 0 < int(total.split()[2]) < LONGEST


def test_carbon_generate_changes_nothing(root: Path) -> None:
    done = run_carbon(root, "generate", "--check")
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        (
            "price-store",
            {
                *("ConfigMap/{}", "Service/{}", "ServiceAccount/{}", "StatefulSet/{}"),
                *("ConfigMap/{}-test", "Pod/{}-test"),
            },
        ),
        ("price-report", {"ConfigMap/{}", "CronJob/{}", "ServiceAccount/{}", "Pod/{}-test"}),
    ],
)
def test_the_chart_has_the_objects_of_its_kind(root: Path, name: str, kinds: set[str]) -> None:
    objects = render_objects(Render(root / "charts" / name))
    found = {f"{each['kind']}/{each['metadata']['name']}" for each in objects}
    assert found == {kind.format(name) for kind in kinds}


def test_the_store_is_in_backups_and_in_the_restore_drill(root: Path) -> None:
    sets = ("backup.enabled=true", "backup.stores.price-store.enabled=true")
    render = Render(root / "umbrella", sets=sets, apis=("velero.io/v1",))
    objects = render_objects(render)
    [daily] = [each for each in objects if each["metadata"]["name"].endswith("-daily")]
    [hook] = [
        each for each in daily["spec"]["template"]["hooks"]["resources"] if "price" in each["name"]
    ]
    command = ["python3", "database.py", "before", "/data/backup"]
    assert hook["pre"][0]["exec"]["command"] == command
    [drill] = [
        each
        for each in objects
        if (each["kind"], each["metadata"]["name"]) == ("ConfigMap", "backup-drill")
    ]
    assert json.loads(drill["data"]["settings.json"])["checks"] == 4


@pytest.mark.parametrize("kind", TEXTS)
def test_a_chart_with_the_longest_name_has_no_line_that_yamllint_refuses(kind: str) -> None:
    rendered = render_template(ROOT, Answers("a" * LONGEST_NAME, kind, "A title", "A", 65535))
    texts = {str(path): text for path, text in rendered.files.items()}
    texts |= {str(entry.file): entry.text for entry in rendered.entries}
    long = [
        f"{path}: {line}"
        for path, text in texts.items()
        for line in text.splitlines()
        if len(line) > 120 and path.endswith((".yaml", ".tpl"))
    ]
    assert long == []


@pytest.mark.parametrize("name", KINDS)
def test_an_edit_of_a_line_that_the_template_owns_is_found(root: Path, name: str) -> None:
    chart = root / "charts" / name
    [workload] = [*chart.glob("templates/*/statefulset.yaml"), *chart.glob("templates/*/cron*")]
    text = workload.read_text()
    try:
        workload.write_text(text.replace("spec:", "spec: # edited", 1))
        [finding] = check_template(root, chart).findings
        assert finding.file == str(workload.relative_to(root))
    finally:
        workload.write_text(text)
    assert check_template(root, chart).findings == []


@pytest.mark.parametrize("name", KINDS)
def test_a_change_of_the_template_reaches_the_chart(root: Path, name: str) -> None:
    source = root / "tools/chart-template/files/charts/[[ name ]]/values.yaml.jinja"
    source.write_text(source.read_text().replace("cpu: 10m", "cpu: 11m"))
    run_git(root, "commit", "--all", "--quiet", "--message", "a change of the template")
    try:
        done = run_carbon(root, "new-chart", name, "--update")
        assert done.returncode == 0, done.stdout
        values = read_yaml(root / "charts" / name / "values.yaml")
        assert values["resources"]["requests"]["cpu"] == "11m"
        assert check_template(root, root / "charts" / name).findings == []
    finally:
        run_git(root, "reset", "--quiet", "--hard", "HEAD~1")


@pytest.mark.parametrize("name", KINDS)
def test_removing_the_chart_undoes_its_creation(root: Path, tmp_path: Path, name: str) -> None:
    [commit] = run_git(root, "log", "--format=%H", f"--grep={name}").split()
    clone = tmp_path / "clone"
    run_git(tmp_path, "clone", "--quiet", "--shared", str(root), str(clone))
    run_git(clone, "reset", "--quiet", "--hard", commit)
    (clone / "charts" / name / "tests" / "__snapshot__").mkdir()  # as helm-unittest does
    done = run_carbon(clone, "new-chart", name, "--remove")
    assert done.returncode == 0, done.stdout
    run_git(clone, "add", "--all")
    assert run_git(clone, "diff", "--cached", f"{commit}~1", "--stat") == ""
    assert not (clone / "charts" / name).exists()


@pytest.fixture
def scripts(root: Path, tmp_path: Path) -> Path:
    """The programs of the store and the job, with their settings."""
    for name in KINDS:
        for script in (root / "charts" / name / "files").iterdir():
            (tmp_path / script.name).write_bytes(script.read_bytes())
    settings = {"maxBytes": 8, "hosts": ["localhost"]}
    (tmp_path / "settings.json").write_text(json.dumps(settings))
    (tmp_path / "data").mkdir()
    return tmp_path


def run_script(scripts: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, *words]
    return subprocess.run(command, cwd=scripts, capture_output=True, text=True, check=False)


@contextmanager
def run_store(data: Path, **env: str) -> Iterator[str]:
    """Run the store on the data in a folder; yields its URL."""
    port = find_port()
    command = [sys.executable, "store.py", str(port), str(data)]
    with subprocess.Popen(command, cwd=data.parent, env={**os.environ, **env}) as process:
        url = f"http://127.0.0.1:{port}"
        try:
            request(f"{url}/healthz", patience=20)
            yield url
        finally:
            process.send_signal(signal.SIGTERM)
            assert process.wait(10) == 0


def test_the_store_keeps_values_over_a_restart(scripts: Path) -> None:
    with run_store(scripts / "data") as url:
        assert request(f"{url}/a", b"one", "PUT") == b"one"
        with pytest.raises(urllib.error.HTTPError, match="413"):
            request(f"{url}/a", b"123456789", "PUT")
        with pytest.raises(urllib.error.HTTPError, match="413"):
            request(f"{url}/a", bytes(50_000_000), "PUT")
        with pytest.raises(urllib.error.HTTPError, match="411"):
            request(f"{url}/a", iter([b"of", *[bytes(100_000)] * 100]), "PUT")
        done = run_script(scripts, "test.py", f"{url}/helm-test")
        assert done.returncode == 0, done.stderr
    with run_store(scripts / "data") as url:
        assert request(f"{url}/a") == b"one"
        assert request(f"{url}/a", method="DELETE") == b"one"
        with pytest.raises(urllib.error.HTTPError, match="404"):
            request(f"{url}/a")


def test_a_restored_store_has_the_values_at_the_time_of_the_dump(
    scripts: Path, tmp_path: Path
) -> None:
    data, folder = scripts / "data", scripts / "data" / "backup"
    with run_store(data) as url:
        request(f"{url}/a", b"dumped", "PUT")
        assert run_script(scripts, "database.py", "before", str(folder)).returncode == 0
        request(f"{url}/a", b"later", "PUT")
    # The copied files of a running store can be of any state, also with a journal.
    (data / "store.db-journal").write_bytes(b"torn")
    for _ in range(2):
        with run_store(data, RESTORE="drill-2") as url:
            check = run_script(scripts, "database.py", "check", str(folder))
            assert check.returncode == 0, check.stderr
            assert request(f"{url}/a") == b"dumped"
    with run_store(data, RESTORE="drill-2") as url:
        request(f"{url}/a", b"newer", "PUT")
        check = run_script(scripts, "database.py", "check", str(folder))
        assert (check.returncode, "differs" in check.stderr) == (1, True)
    with run_store(data, RESTORE="drill-2") as url:
        assert request(f"{url}/a") == b"newer"
    assert run_script(scripts, "database.py", "after", str(folder)).returncode == 0
    assert not folder.exists()


def test_a_dump_that_has_changed_is_found(scripts: Path) -> None:
    data, folder = scripts / "data", scripts / "data" / "backup"
    with closing(sqlite3.connect(data / "store.db")) as database, database:
        database.execute("CREATE TABLE data (key TEXT)")
    run_script(scripts, "database.py", "before", str(folder))
    with (folder / "store.db").open("ab") as dump:
        dump.write(b"x")
    check = run_script(scripts, "database.py", "check", str(folder))
    assert (check.returncode, "differs from its checksum" in check.stderr) == (1, True)


def test_the_job_prints_addresses_and_fails_for_a_host_without_one(scripts: Path) -> None:
    done = run_script(scripts, "job.py")
    assert (done.returncode, done.stdout.startswith("localhost: ")) == (0, True), done.stderr
    (scripts / "settings.json").write_text(json.dumps({"hosts": ["no.invalid"]}))
    done = run_script(scripts, "job.py")
    assert (done.returncode, done.stderr.startswith("no.invalid: ")) == (1, True)
