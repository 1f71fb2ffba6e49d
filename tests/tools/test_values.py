"""A values file is refused before Helm sees it: with the path, what is wrong, what to write."""

from pathlib import Path

import pytest

from carbon.charts.values import problems, validated
from carbon.errors import CarbonError
from carbon.home import ROOT

SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "mlflow": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "replicas": {"type": "integer", "description": "How many servers."},
                "workers": {"type": "integer"},
            },
        }
    },
}


def test_a_misspelt_key_is_answered_with_the_nearest_one() -> None:
    assert problems({"mlflow": {"replica": 2}}, SCHEMA) == [
        "mlflow.replica: no such key; write replicas"
    ]


def test_a_key_like_no_other_is_answered_with_those_there_are() -> None:
    assert problems({"mlflow": {"x": 2}}, SCHEMA) == [
        "mlflow.x: no such key; write one of replicas, workers"
    ]


def test_a_wrong_type_is_answered_with_what_the_key_means() -> None:
    assert problems({"mlflow": {"replicas": "2"}}, SCHEMA) == [
        "mlflow.replicas: '2' is not of type 'integer'; How many servers."
    ]


def test_all_problems_are_told_at_once() -> None:
    assert len(problems({"mlflow": {"replicas": "2", "worker": 1}, "ray": {}}, SCHEMA)) == 3


@pytest.mark.parametrize("text", ["a: [", "- a", "mlflow: {replica: 3}"])
def test_a_bad_file_is_named(tmp_path: Path, text: str) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(text)
    with pytest.raises(CarbonError, match=r"mine\.yaml"):
        validated(file)


def test_the_profiles_pass() -> None:
    assert all(validated(file) for file in (ROOT / "values").glob("*.yaml"))
