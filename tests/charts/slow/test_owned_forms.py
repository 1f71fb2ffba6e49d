"""No form of a value replaces what a chart sets itself.

Other forms than a key of a map or a complete name: a section replaced as a whole, the value of a
short option without a space, a further line of a file, and a variable that sets an option.
"""

import json
from typing import Any

import pytest
from tests.charts.cases import CHARTS

from carbon.charts.render import Render, containers, pod_templates, render_objects, run_template
from carbon.errors import CarbonError

FOLDERS = {chart.name: chart.folder for chart in CHARTS}
SECTIONS = ("registry", "online_store", "auth", "offline_store")
"""Maps of feature_store.yaml with keys that the chart sets."""
SHORT = [("feast", "-p1"), ("feast", "-w4"), ("feast", "-r1"), ("mlflow", "-p1"), ("mlflow", "-w4")]
ATTACHED = ["UDS", "FD", "ENV_FILE", "SSL_CERTFILE", "SSL_KEYFILE", "FACTORY"]
"""Options of Uvicorn that MLflow does not pass, so that their variables have an effect."""


def refuse(chart: str, path: str, value: Any) -> str:
    """Return the message by which a chart refuses a value."""
    sets = (f"{path}={json.dumps(value)}",)
    with pytest.raises(CarbonError) as refused:
        run_template(Render(FOLDERS[chart], sets=sets))
    return refused.value.what


@pytest.mark.parametrize("value", ["s3://other/registry.db", ["x"], 1, None], ids=str)
@pytest.mark.parametrize("section", SECTIONS)
def test_a_section_of_the_chart_is_not_replaced_as_a_whole(section: str, value: object) -> None:
    message = refuse("feast", "extraSettings", {section: value})
    assert f"extraSettings: {section}: the chart sets keys of {section}" in message


@pytest.mark.parametrize(("chart", "option"), SHORT, ids=str)
def test_a_short_option_with_its_value_is_refused(chart: str, option: str) -> None:
    assert f"extraArgs: {option[:2]}: the chart sets" in refuse(chart, "extraArgs", [option])


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n"], ids=repr)
@pytest.mark.parametrize("path", ["postgresql.settings", "redis.settings"])
def test_a_setting_adds_no_further_line_to_a_file(path: str, end: str) -> None:
    message = refuse("data-services", path, {"loglevel": f"notice{end}port 1"})
    assert f"at '/{path.replace('.', '/')}/loglevel'" in message


def test_a_variable_sets_no_option_of_uvicorn_that_the_chart_sets() -> None:
    objects = render_objects(Render(FOLDERS["mlflow"], sets=("tls.enabled=true",)))
    commands = [each["command"] for obj in objects for pod in pod_templates(obj)
                for each in containers(pod) if each["name"] == "mlflow"]  # fmt: skip
    (options,) = (each for command in commands for each in command if "--uvicorn-opts=" in each)
    names = [each.partition("=")[0][2:] for each in options.partition("=")[2].split()]
    assert "ssl-certfile" in names
    passed = ["HOST", "PORT", "WORKERS", *(name.upper().replace("-", "_") for name in names)]
    variables = [f"UVICORN_{name}" for name in (*passed, *ATTACHED)]
    message = refuse("mlflow", "extraEnv", [{"name": name, "value": "1"} for name in variables])
    assert not [name for name in variables if f"extraEnv: {name}: the chart sets" not in message]
