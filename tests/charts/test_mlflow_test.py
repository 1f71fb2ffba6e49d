"""The script of MLflow's `helm test`, run with a stand-in for MLflow's client."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from tests.charts.processes import CHARTS, load


class Server(ModuleType):
    """The module mlflow with a server that stores one run; `lost` changes what is read back."""

    def __init__(self, **lost: Any) -> None:
        super().__init__("mlflow")
        self.experiment, self.stored, self.lost = "", {"status": "RUNNING"}, lost

    def set_experiment(self, name: str) -> None:
        self.experiment = name

    @contextmanager
    def start_run(self, run_name: str) -> Iterator[Any]:
        self.stored |= {"name": run_name}
        yield SimpleNamespace(info=SimpleNamespace(run_id="1"))
        self.stored["status"] = "FINISHED"

    def log_metric(self, name: str, value: float) -> None:
        self.stored["metrics"] = {name: value}  # type: ignore[assignment]

    def log_text(self, text: str, path: str) -> None:
        self.stored[path] = text

    def MlflowClient(self) -> "Server":  # noqa: N802
        return self

    def get_run(self, run: str) -> Any:
        read: dict[str, Any] = self.stored | self.lost
        info = SimpleNamespace(run_name=read["name"], status=read["status"])
        return SimpleNamespace(info=info, data=SimpleNamespace(metrics=read["metrics"]))

    def download_artifacts(self, run: str, path: str, folder: str) -> str:
        file = Path(folder) / "mark.txt"
        file.write_text({**self.stored, **self.lost}[path])
        return str(file)

    def get_tracking_uri(self) -> str:
        return "http://mlflow:5000"


def test_a_run_with_metric_and_artifact_is_read_back(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    server = Server()
    monkeypatch.setitem(sys.modules, "mlflow", server)
    load(CHARTS / "mlflow/files/test.py")
    assert server.experiment == "helm-test"
    assert "read back through http://mlflow:5000" in capsys.readouterr().out


@pytest.mark.parametrize(
    "lost",
    [{"metrics": {}}, {"notes/mark.txt": "other"}, {"status": "RUNNING"}, {"name": "other"}],
)
def test_helm_test_fails_if_a_run_is_not_read_back_unchanged(
    monkeypatch: pytest.MonkeyPatch, lost: dict[str, Any]
) -> None:
    monkeypatch.setitem(sys.modules, "mlflow", Server(**lost))
    with pytest.raises(AssertionError):
        load(CHARTS / "mlflow/files/test.py")
