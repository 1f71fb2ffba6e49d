"""The chart that `tools/new-chart` creates, as it is created."""

import json
import re
import signal
import subprocess
import sys
import urllib.error
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.checkouts import run_carbon, run_git
from tests.new_chart.conftest import ANSWERS, Carbon, find_port, request

from carbon.charts.render import Render, render_objects
from carbon.files import read_yaml

LONGEST = 150
"""Lines of a new chart that its authors write."""


def test_carbon_check_reports_nothing(chart: Path, carbon: Carbon) -> None:
    done = carbon("check", chart.name)
    assert done.returncode == 0, done.stdout
    assert "conforms" in done.stdout


def test_carbon_generate_changes_nothing(chart: Path, carbon: Carbon) -> None:
    done = carbon("generate", "--check")
    assert done.returncode == 0, done.stdout


def test_carbon_generate_prints_what_it_writes(edited: Path) -> None:
    readme = edited / "charts" / ANSWERS.name / "README.md"
    before = readme.read_text("utf-8")
    readme.write_text("old", "utf-8")
    lines = run_carbon(edited, "generate").stdout.splitlines()
    assert lines[0] == f"✓ charts/{ANSWERS.name}/README.md"
    assert re.fullmatch(r"wrote 1 of \d+ generated files", lines[1])
    assert readme.read_text("utf-8") == before
    [line] = run_carbon(edited, "generate").stdout.splitlines()
    assert re.fullmatch(r"all \d+ generated files are up to date", line)


def test_the_lines_of_its_authors_are_counted_and_few(chart: Path, carbon: Carbon) -> None:
    done = carbon("new-chart", chart.name, "--lines")
    header, *_, total = done.stdout.splitlines()
    assert header.split()[:2] == ["file", "chart"]
    assert 0 < int(total.split()[2]) < LONGEST, done.stdout


def test_the_umbrella_installs_it_with_a_condition(chart: Path, copy: Path) -> None:
    dependencies = read_yaml(copy / "umbrella" / "Chart.yaml")["dependencies"]
    assert dependencies[-1]["condition"] == f"{chart.name}.enabled"
    assert read_yaml(copy / "umbrella" / "values.yaml")[chart.name] == {"enabled": False}
    names = {
        enabled: {
            f"{each['kind']}/{each['metadata']['name']}"
            for each in render_objects(
                Render(copy / "umbrella", sets=(f"{chart.name}.enabled={enabled}",))
            )
        }
        for enabled in ("true", "false")
    }
    added = names["true"] - names["false"]
    kinds = ("ConfigMap", "Deployment", "PodDisruptionBudget", "Service", "ServiceAccount")
    test = {f"ConfigMap/{chart.name}-test", f"Pod/{chart.name}-test"}
    assert added == {f"{kind}/{chart.name}" for kind in kinds} | test
    assert f"NetworkPolicy/{chart.name}" in names["false"]


def test_entries_change_no_other_line_of_a_table(chart: Path, copy: Path) -> None:
    tables = ["umbrella/Chart.yaml", "umbrella/values.yaml", "schemas/components.yaml"]
    tables += ["charts/mesh-policies/values.yaml", "tests/charts/slow/trust.yaml"]
    tables += ["docs/README.md", "CHANGELOG.md"]
    for line in run_git(copy, "diff", "HEAD~1", "--numstat", "--", *tables).splitlines():
        added, removed, _ = line.split("\t")
        assert (int(added) > 0, int(removed)) == (True, 0), line


def test_a_second_chart_with_the_same_name_is_refused(chart: Path, carbon: Carbon) -> None:
    done = carbon("new-chart", chart.name, "--defaults")
    assert done.returncode == 1
    assert done.stdout.startswith(f"✗ the name {chart.name} is taken: charts/{chart.name} is a ch")


@pytest.fixture
def scripts(chart: Path, tmp_path: Path) -> Path:
    for script in (chart / "files").iterdir():
        (tmp_path / script.name).write_bytes(script.read_bytes())
    (tmp_path / "settings.json").write_text(json.dumps({"greeting": "Hello"}))
    return tmp_path


@pytest.fixture
def server(scripts: Path) -> Iterator[tuple[str, "subprocess.Popen[str]"]]:
    """The URL of the running server, and its process."""
    port = find_port()
    command = [sys.executable, str(scripts / "server.py"), str(port)]
    process = subprocess.Popen(command, env={"TOKEN": "secret"}, text=True)
    url = f"http://127.0.0.1:{port}"
    try:
        request(f"{url}/healthz", patience=20)
        yield url, process
    finally:
        process.kill()
        process.wait()


def test_the_server_answers_clients_with_the_token_and_counts_requests(
    copy: Path, scripts: Path, server: tuple[str, "subprocess.Popen[str]"]
) -> None:
    url, process = server
    test = [sys.executable, str(scripts / "test.py"), f"{url}/"]
    done = subprocess.run(test, env={"TOKEN": "secret"}, capture_output=True, text=True, check=True)
    assert done.stdout == f"{url}/: Hello\n"
    with pytest.raises(urllib.error.HTTPError, match="401"):
        request(f"{url}/", token="other")  # noqa: S106
    [counter] = read_yaml(copy / "schemas" / "metrics" / f"{ANSWERS.name}.yaml")["metrics"]
    metrics = request(f"{url}/metrics").decode()
    assert f'{counter}{{status="200"}} 1\n' in metrics
    assert f'{counter}{{status="401"}} 1\n' in metrics
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == 0
