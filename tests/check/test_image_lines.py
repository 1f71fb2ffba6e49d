"""The table of release lines, and the effect of today's date on rules and cached results."""

import re
from datetime import date, timedelta
from pathlib import Path

import pytest
from tests.check.conftest import TODAY

from carbon.charts.discovery import read_chart
from carbon.check.engine.checkout import Checkout
from carbon.check.engine.plan import plan_tasks
from carbon.check.rules.lifecycle import images

PYTHON = date(2027, 10, 31)
"""The last day with fixes of Python 3.11, which the charts use."""


def set_today(monkeypatch: pytest.MonkeyPatch, day: date) -> None:
    monkeypatch.setattr(images, "get_today", lambda: day)


def hash_cases(root: Path) -> set[str]:
    """Return the cache keys of all cases of the chart backup, which uses Python 3.11."""
    checkout = Checkout(root)
    chart = read_chart(root / "charts/backup")
    return {task.key for task in plan_tasks(checkout, [chart], {"properties"})}


def test_each_row_states_its_source_and_the_day_on_which_the_source_was_read() -> None:
    for product, row in images.read_table().items():
        assert set(row) == {"image", "source", "read", "lines"}, product
        assert isinstance(row["read"], date), product
        assert row["read"] <= TODAY, product
        assert re.compile(row["image"])
        assert all(isinstance(line, str) for line in row["lines"]), product
        assert all(end is None or isinstance(end, date) for end in row["lines"].values()), product


@pytest.mark.parametrize(
    ("image", "lines"),
    [
        ("docker.io/library/redis:7.0.15-bookworm", ["Redis 7.0", "Debian bookworm"]),
        ("example.com:5000/mirror/redis:8.2.1@sha256:0", ["Redis 8"]),
        ("redis", []),
        ("docker.io/valkey/valkey:8.1.11-trixie", ["Valkey 8.1", "Debian trixie"]),
        ("ghcr.io/mlflow/mlflow:v3.17.2-full", ["MLflow 3"]),
        ("docker.io/library/debian:bookworm-slim", ["Debian bookworm"]),
        ("docker.io/library/postgres:150.1", []),
        ("nvcr.io/nvidia/k8s/cuda-sample:vectoradd-cuda10.2", ["CUDA samples vectoradd"]),
    ],
)
def test_finds_the_most_specific_release_line_of_the_version_and_of_the_base_image(
    image: str, lines: list[str]
) -> None:
    assert [f"{each.product} {each.version}" for each in images.find_lines(image)[0]] == lines


def test_a_release_line_has_ended_from_the_day_after_its_last_day(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    [line] = images.find_lines("docker.io/library/python:3.11-slim")[0]
    set_today(monkeypatch, PYTHON)
    assert not line.has_ended()
    set_today(monkeypatch, PYTHON + timedelta(days=1))
    assert line.has_ended()


def test_a_cached_result_expires_when_support_for_a_release_line_of_an_image_ends(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = hash_cases(root)
    assert before
    set_today(monkeypatch, TODAY + timedelta(days=1))
    assert hash_cases(root) == before
    set_today(monkeypatch, PYTHON + timedelta(days=1))
    assert not hash_cases(root) & before
