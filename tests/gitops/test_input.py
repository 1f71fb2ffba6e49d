"""`carbon gitops render` refuses wrong input with one message that states what to write."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from carbon.errors import CarbonError
from carbon.gitops.plan import build_plan
from carbon.gitops.source import Source, parse_source

GIT = "https://github.com/254carbon/charts"
OCI = "oci://registry.example.com/charts/254carbon"


@pytest.mark.parametrize(
    ("url", "revision", "what"),
    [
        ("charts", "main", "neither a Git repository nor an OCI package"),
        ("ftp://example.com/charts", "main", "neither a Git repository"),
        ("https://example.com", "main", "neither a Git repository"),
        ("", "main", "neither a Git repository"),
        (GIT, "", "an empty text is not a revision"),
        (GIT, "my branch", "my branch is not a revision"),
        (GIT, "--upload-pack=x", "is not a revision"),
        (OCI, "main", "main is not a version"),
        (OCI, "v0.1.0", "v0.1.0 is not a version"),
        (f"{OCI}:0.1.0", "0.1.0", "is not the address of a package"),
        ("oci://registry.example.com", "0.1.0", "is not the address of a package"),
        ("https://me:pa55word@example.com/charts", "main", "contains a password"),
    ],
)
def test_a_wrong_source_is_refused(url: str, revision: str, what: str) -> None:
    with pytest.raises(CarbonError, match=what) as refused:
        parse_source(url, revision)
    assert refused.value.remedy
    assert "pa55word" not in str(refused.value)


@pytest.mark.parametrize(
    ("url", "revision"),
    [
        (GIT, "main"),
        (f"{GIT}.git", "release/0.1"),
        ("git@github.com:254carbon/charts.git", "v0.1.0"),
        ("ssh://git@example.com:2222/charts", "b943409680a7"),
        ("git://10.250.0.1/charts", "HEAD"),
        (OCI, "0.1.0"),
        ("oci://127.0.0.1:5000/254carbon", "0.2.0-rc.1"),
    ],
)
def test_a_source_of_git_or_oci_is_accepted(url: str, revision: str) -> None:
    assert parse_source(url, revision) == Source(url, revision)


@pytest.mark.parametrize(
    ("options", "what"),
    [
        ({"profile": "prod"}, "there is no profile prod"),
        ({"without": ["kuberai"]}, "there is no operator kuberai"),
        ({"namespace": "Data_Platform"}, "is not the name of a namespace"),
        ({"path": "../gitops"}, "is not a folder of the repository"),
        ({"source": Source(OCI, "0.1.0")}, "can't contain the Applications"),
        ({"apps": Source(OCI, "0.1.0")}, "is an OCI package"),
    ],
)
def test_a_wrong_option_is_refused(options: dict[str, Any], what: str) -> None:
    given = {"source": Source(GIT, "main"), **options}
    with pytest.raises(CarbonError, match=what) as refused:
        build_plan(**given)
    assert refused.value.remedy


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("mlflow: {replicsa: 2}", "replicsa"),
        ("mlflow: [", "values.yaml"),
        ("mlflow: {tracking: {enabled: 3", "values.yaml"),
    ],
)
def test_wrong_values_are_refused(text: str, what: str, tmp_path: Path) -> None:
    file = tmp_path / "values.yaml"
    file.write_text(text, "utf-8")
    with pytest.raises(CarbonError, match=what):
        build_plan(Source(GIT, "main"), values=[file])


def run_render(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "carbon", "gitops", "render", *map(str, arguments)]
    return subprocess.run([*command, "--revision", "main"], capture_output=True, text=True)


def test_the_command_prints_one_message_and_no_traceback() -> None:
    ended = run_render("charts")
    assert ended.returncode == 1
    assert ended.stdout == ""
    assert "neither a Git repository nor an OCI package" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_the_command_writes_the_files_into_a_folder(tmp_path: Path) -> None:
    ended = run_render(GIT, "--to", tmp_path / "out")
    assert ended.returncode == 0, ended.stderr
    assert (tmp_path / "out" / "applications" / "254carbon.yaml").exists()


def test_the_command_names_a_folder_that_it_can_not_write(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    ended = run_render(GIT, "--to", tmp_path / "file")
    assert ended.returncode == 1
    assert "can't write to" in ended.stderr
