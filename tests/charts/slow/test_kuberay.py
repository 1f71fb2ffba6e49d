"""The chart ray-cluster agrees with the KubeRay operator: refused values, fields, Ray's options."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from tests.charts.cases import APIS, CHARTS, UMBRELLA

from carbon.charts.generate.crds import FOLDER
from carbon.charts.kuberay import build_start_command
from carbon.charts.render import Object, Render, render_objects, run_template
from carbon.errors import CarbonError
from carbon.externals.golang import build_environment, find_go
from carbon.files import read_yaml
from carbon.process import run

CHART = next(chart for chart in CHARTS if chart.name == "ray-cluster")
RULES = read_yaml(Path(__file__).with_name("kuberay_rules.yaml"))
LINES = [(file, line) for file, rules in RULES.items() for line in rules]
OTHER = r"Ray(Job|CronJob)|RayClusterStatus|[dD]elet|TTL"
"""Pattern for names of the operator's functions that validate other kinds, or a status."""


@cache
def read_source(file: str) -> list[str]:
    """Return the lines of a file of the operator, from the Go module of the CRDs."""
    module = "github.com/ray-project/kuberay/ray-operator"
    command = [str(find_go()), "mod", "download", "-json", module]
    folder = json.loads(run(command, cwd=FOLDER, env=build_environment()))["Dir"]
    return (Path(folder) / file).read_text(encoding="utf-8").splitlines()


def render(values: dict[str, Any]) -> None:
    sets = tuple(f"{key}={json.dumps(value)}" for key, value in values.items())
    run_template(Render(CHART.folder, sets=('mode="kuberay"', *sets), apis=APIS))


@pytest.mark.parametrize(("file", "line"), LINES)
def test_the_chart_refuses_values_that_the_operator_would_refuse(file: str, line: int) -> None:
    rule = RULES[file][line]
    if "never" in rule:
        assert rule.keys() == {"never"}
        return
    with pytest.raises(CarbonError) as refused:
        render(rule["values"])
    assert rule["refusal"] in refused.value.what


@pytest.mark.parametrize("file", RULES)
def test_kuberay_rules_yaml_lists_every_rule_in_the_code_of_the_operator(file: str) -> None:
    found, function = set(), ""
    for number, text in enumerate(read_source(file), start=1):
        if declared := re.match(r"func (?:\(.*?\) )?(\w+)", text):
            function = declared[1]
        message = re.search(r'(Errorf|errstd\.New|Sprintf\("invalid label|field\.Invalid)', text)
        if message and not re.search(OTHER, function):
            found.add(number)
    assert found == set(RULES[file])


def test_the_schema_of_extra_spec_names_every_field_of_a_raycluster() -> None:
    fields = read_yaml(CHART.folder / "values.schema.yaml")["properties"]["kuberay"]["properties"]
    crd = json.loads((FOLDER / "ray.io_raycluster_v1.json").read_text(encoding="utf-8"))
    spec = crd["properties"]["spec"]["properties"]
    extra = fields["extraSpec"]
    for schema, declared in (
        (extra, spec),
        (extra["properties"]["autoscalerOptions"], spec["autoscalerOptions"]["properties"]),
    ):
        known = [*map(re.escape, schema["properties"]), *schema["patternProperties"]]
        unknown = [key for key in declared if not any(re.search(f"^({p})$", key) for p in known)]
        assert unknown == []


AWKWARD = {
    "temp-dir": "/tmp/it's $HOME",  # noqa: S108
    "system-config": '{"a": "`id` & ; \\"x\\" *"}',
    "object-spilling-directory": "a  b*c #d",
    "include-dashboard": "true",
    "log-color": "False",
    "disable-usage-stats": "TRUE",
    "no-monitor": "false",
    "node-name": "",
}
"""Options of `ray start` with values that a shell or a conversion of booleans could change."""


def test_the_modes_standalone_and_kuberay_pass_the_same_options_to_ray() -> None:
    def list_rendered(mode: str, kind: str) -> list[Object]:
        sets = (f'mode="{mode}"', f"head.rayStartParams={json.dumps(AWKWARD)}")
        rendered = render_objects(Render(CHART.folder, sets=sets, apis=APIS))
        return [obj for obj in rendered if obj["kind"] == kind]

    [plain] = list_rendered("standalone", "StatefulSet")
    words = plain["spec"]["template"]["spec"]["containers"][0]["command"]
    [cluster] = list_rendered("kuberay", "RayCluster")
    group = cluster["spec"]["headGroupSpec"]
    command = build_start_command(group["rayStartParams"], "head")
    split = run(["bash", "-c", f'set -- {command}; printf "%s\\0" "$@"']).split("\0")
    # KubeRay adds --block.
    assert sorted([*split[:-1], "--block"]) == sorted(words[words.index("ray") :])


@pytest.mark.parametrize("helm", ["helm", "helm3"])
def test_a_ray_node_without_cpu_limit_is_refused_only_if_a_quota_counts_limits(helm: str) -> None:
    values = {
        "limitRange": {"enabled": True},
        "quota": {"enabled": True, "hard": {"limits.cpu": "40"}},
        "ray-cluster": {"workers": {"resources": {"limits": {"cpu": None}}}},
    }
    sets = tuple(f"{key}={json.dumps(value)}" for key, value in values.items())
    with pytest.raises(CarbonError, match="the container ray-worker of ray-cluster-cpu has no CPU"):
        run_template(Render(UMBRELLA.folder, sets=sets, apis=APIS, helm=helm))
    del values["quota"], values["limitRange"]
    sets = tuple(f"{key}={json.dumps(value)}" for key, value in values.items())
    run_template(Render(UMBRELLA.folder, sets=sets, apis=APIS, helm=helm))
