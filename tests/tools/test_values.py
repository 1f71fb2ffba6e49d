"""Validation of values files before Helm runs: each error has a path and a correction."""

from pathlib import Path

import pytest

from carbon.charts.values import find_problems, read_valid_values
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


def test_a_misspelt_key_gets_the_most_similar_key() -> None:
    assert find_problems({"mlflow": {"replica": 2}}, SCHEMA) == [
        "mlflow.replica: no such key; write replicas"
    ]


def test_an_unknown_key_gets_the_list_of_keys() -> None:
    assert find_problems({"mlflow": {"x": 2}}, SCHEMA) == [
        "mlflow.x: no such key; write one of replicas, workers"
    ]


def test_a_wrong_type_gets_the_description_of_the_key() -> None:
    assert find_problems({"mlflow": {"replicas": "2"}}, SCHEMA) == [
        "mlflow.replicas: '2' is not of type 'integer'; How many servers."
    ]


def test_all_errors_are_reported_at_once() -> None:
    assert len(find_problems({"mlflow": {"replicas": "2", "worker": 1}, "ray": {}}, SCHEMA)) == 3


@pytest.mark.parametrize("text", ["a: [", "- a", "mlflow: {replica: 3}"])
def test_an_invalid_file_is_refused_with_its_name(tmp_path: Path, text: str) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(text)
    with pytest.raises(CarbonError, match=r"mine\.yaml"):
        read_valid_values(file)


def test_the_profiles_are_valid() -> None:
    assert all(read_valid_values(file) for file in (ROOT / "values").glob("*.yaml"))


def test_a_number_as_a_key_is_an_unknown_key() -> None:
    assert find_problems({1: 2}, SCHEMA)[0].startswith("1: no such key")  # type: ignore[dict-item]
