"""Values that are guesses are marked with the command that shows the facts, and can be listed."""

import re
from pathlib import Path

import pytest

from carbon.charts.guesses import list_guesses
from carbon.errors import CarbonError
from carbon.files import read_yaml
from carbon.home import ROOT

PRODUCTION = ROOT / "values" / "production.yaml"


def test_a_mark_belongs_to_the_key_on_its_line_or_on_the_next(tmp_path: Path) -> None:
    file = tmp_path / "values.yaml"
    file.write_text(
        "a:\n"
        "  b: 1  # check: kubectl get b\n"
        "  # check: kubectl get c\n"
        "  # A sentence.\n"
        "  c: {d: [x]}\n"
        "e: 'text # check: no mark'\n"
    )
    found = [(g.line, g.key, g.value, g.command) for g in list_guesses(file)]
    assert found == [
        (2, "a.b", "1", "kubectl get b"),
        (5, "a.c", "{d: [x]}", "kubectl get c"),
    ]


def test_a_mark_without_a_key_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "values.yaml"
    file.write_text("a: 1\n# check: kubectl get a\n")
    with pytest.raises(CarbonError, match=r"values\.yaml:2: the mark"):
        list_guesses(file)


def test_the_profile_marks_labels_and_accounts_of_other_teams() -> None:
    """Nobody reported them; only names and ports of some Services are known."""
    marked = {guess.key for guess in list_guesses(PRODUCTION)}
    services = read_yaml(PRODUCTION)["global"]["services"]
    others = [name for name, entry in services.items() if "policies" in entry]
    assert len(others) > 15
    for name in others:
        assert {f"global.services.{name}.selector", f"global.services.{name}.serviceAccount"} <= (
            marked
        ), name
    backup = "backup.stores.postgresql"
    assert {f"{backup}.pods", f"{backup}.container", f"{backup}.directory"} <= marked
    assert {"feast.offlineStore.settings.catalog", "roles.viewer"} <= marked
    assert {"mlflow.oidc.issuerUrl", "global.services.issuer"} <= marked
    assert "global.services.kubernetes-api.cidrs" in marked


def test_each_guess_has_a_command_of_kubectl() -> None:
    wrong = [g for g in list_guesses(PRODUCTION) if not re.match(r"kubectl ", g.command)]
    assert wrong == []


def test_the_profile_states_its_prerequisites_once_at_the_top() -> None:
    head = PRODUCTION.read_text("utf-8").split("\nglobal:")[0]
    for text in (
        "databases mlflow and feast",
        "bucket mlflow",
        "pull Secret",
        "istio-cni",
        "mlflow-proxy",
    ):
        assert text in head
    values = read_yaml(PRODUCTION)
    named = {values["global"][store]["existingSecret"]["name"] for store in ("s3", "redis")}
    named.add(values["mlflow"]["oidc"]["existingSecret"]["name"])
    named |= {
        database["existingSecret"]["name"]
        for database in values["global"]["postgresql"]["databases"].values()
    }
    assert {name for name in named if name not in head} == set()
