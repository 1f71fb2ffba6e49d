"""Values that add variables, arguments or settings can't set what a chart sets itself.

The tests read the names from the rendered objects of each case. If a chart sets a new name, the
tests fail until the chart refuses this name in values.
"""

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.charts.cases import CHARTS, RENDERS

from carbon.charts.render import (
    Object,
    Render,
    containers,
    pod_templates,
    render_objects,
    run_template,
)
from carbon.errors import CarbonError

EXTENSIONS = (
    *("extraEnv", "extraArgs", "uvicornOptions", "settings", "extraSettings"),
    *("rayStartParams", "extraSpec"),
)
"""Keys of values that add variables, arguments or settings to those of the chart."""
CONTAINERS = {
    "extraEnv": "(?!proxy$).*",
    "head.extraEnv": "ray-head",
    "workers.extraEnv": "ray-worker",
    "autoscaling.extraEnv": "autoscaler",
    "postgresql.extraEnv": "postgresql",
    "redis.extraEnv": "redis",
    "s3.extraEnv": "s3",
    "extraArgs": "mlflow|feast-server",
    "uvicornOptions": "mlflow",
    "head.rayStartParams": "ray-head",
    "workers.rayStartParams": "ray-worker",
    "oidc.extraArgs": "proxy",
}
"""Path of a value -> regular expression for the names of the containers that it extends."""
FILES = {
    "postgresql.settings": ("postgresql.conf", r"^(\w+) ="),
    "redis.settings": ("redis.conf", r"^([-a-z]+) "),
    "extraSettings": ("feature_store.yaml", ""),
    "offlineStore.settings": ("feature_store.yaml", "offline_store."),
}
"""Path of a value -> file that it extends, and a pattern or a prefix of the file's settings."""
OWNED = re.compile(
    r"(^PG|_|^)(HOST|PORT|DATABASE|URI|URL|ADDRESS|DESTINATION|ROOT|PASSWORD|USERNAME|POD_IP)$"
    r"|^(project|(registry|online_store|offline_store)\."
    r"(type|registry_type|redis_type|path|host|port|database|user|password|connection_string))$"
)
"""Names of settings and variables with addresses, credentials and identities of the chart."""
FREE = {
    "--api-route",  # adds a path
    "--code-challenge-method",
    "--cookie-secure",
    "--provider",
    "--skip-provider-button",
    "RAY_SERVE_DEFAULT_HTTP_HOST",  # "::" in a cluster with IPv6
    "save",
    "appendonly",
    *("num-cpus", "num-gpus", "memory", "resources", "object-store-memory"),
    "dashboard-host",  # "::" in a cluster with IPv6
}
"""Names that the chart sets and that values may set too."""


def list_extensions(values: Any, path: tuple[str, ...] = ()) -> Iterator[str]:
    """Yield the paths of the values that add names."""
    for key, value in values.items() if isinstance(values, dict) else ():
        if key in EXTENSIONS:
            yield ".".join((*path, key))
        else:
            yield from list_extensions(value, (*path, key))


def read(file: Path) -> Any:
    """Return the values of a file."""
    return yaml.safe_load(file.read_text()) or {}


def list_groups(values: Any, at: str = "") -> Iterator[str]:
    """Yield the paths of Ray's worker groups."""
    for name, group in (values.get("workerGroups") or {}).items():
        if group is not None:
            yield f"{at}workerGroups.{name}"
    for name, service in (values.get("services") or {}).items():
        yield from list_groups(service, f"services.{name}.")


DEFAULTS = {chart.folder: chart.read_values() for chart in CHARTS if not chart.is_umbrella}
CASES = [
    *(
        (render, path)
        for render in RENDERS
        for path in list_extensions(DEFAULTS.get(render.chart, {}))
    ),
    *(
        (render, f"{group}.{key}")
        for render in RENDERS
        if render.chart.name == "ray-cluster"
        for file in render.values
        for group in list_groups(read(file))
        for key in ("extraEnv", "rayStartParams")
    ),
]


def find(objects: list[Object], path: str) -> list[Object]:
    """Return the containers that a value extends."""
    return [
        container
        for obj in objects
        for pod in pod_templates(obj)
        for container in containers(pod)
        if re.fullmatch(
            CONTAINERS[re.sub(r".*workerGroups[.]\w+", "workers", path)], container["name"]
        )
    ]


def list_variables(objects: list[Object], path: str) -> set[str]:
    """Return variables with an address or a credential, of the containers that a value extends."""
    variables = [each for container in find(objects, path) for each in container.get("env") or []]
    return {
        each["name"]
        for each in variables
        if "secretKeyRef" in each.get("valueFrom", ()) or OWNED.search(each["name"])
    }


def list_options(objects: list[Object], path: str) -> set[str]:
    """Return the options in the command of the container that a value extends."""
    arguments = [each for container in find(objects, path) for each in container["command"]]
    if path == "uvicornOptions":
        (text,) = (each for each in arguments if each.startswith("--uvicorn-opts="))
        arguments = shlex.split(text.partition("=")[2])
    return {each.partition("=")[0] for each in arguments if each.startswith("-")} - {"-c"}


def list_ray_options(objects: list[Object], path: str) -> set[str]:
    """Return the options of `ray start` on the nodes that a value extends, without dashes."""
    ray = [obj for obj in objects if obj["apiVersion"] == "ray.io/v1"]
    clusters = [obj["spec"].get("rayClusterConfig") or obj["spec"] for obj in ray if "spec" in obj]
    names = {each.lstrip("-") for each in list_options(objects, path)} if not ray else set()
    for spec in clusters:
        groups = [spec["headGroupSpec"]] if "head" in path else spec["workerGroupSpecs"]
        names.update(name for group in groups for name in group["rayStartParams"])
    return names


def list_fields(objects: list[Object], path: str) -> set[str]:
    """Return the fields of the spec of a RayCluster, and of its autoscalerOptions."""
    names = set()
    for spec in (obj["spec"] for obj in objects if obj["kind"] == "RayCluster"):
        options = {f"autoscalerOptions.{each}" for each in spec.get("autoscalerOptions") or {}}
        names |= options | {*spec} - {"autoscalerOptions"}
    return names


def list_settings(objects: list[Object], path: str) -> set[str]:
    """Return the settings in the file that a value extends."""
    name, expression = FILES[path]
    files = [obj["data"][name] for obj in objects if name in (obj.get("data") or {})]
    if name.endswith(".conf"):
        return {each for file in files for each in re.findall(expression, file, re.MULTILINE)}
    names = set()
    for section, value in (item for file in files for item in yaml.safe_load(file).items()):
        names |= {f"{section}.{key}" for key in value} if isinstance(value, dict) else {section}
    owned = {each for each in names if OWNED.search(each)}
    return {each.removeprefix(expression) for each in owned if each.startswith(expression)}


def build(path: str, names: list[str]) -> Any:
    """Return a value for a path, which sets the names."""
    if path.endswith("extraEnv"):
        return [{"name": name, "value": "x"} for name in names]
    if path.endswith(("Args", "Options")):
        return [f"{name}=x" for name in names]
    nested: dict[str, Any] = {}
    for name in names:
        *sections, key = name.split(".")
        section = nested
        for each in sections:
            section = section.setdefault(each, {})
        section[key] = "x"
    return nested


def list_given(render: Render, path: str) -> set[str]:
    """Return the names that the values of a case set at a path."""
    names = set()
    if path == "extraSettings":
        names = {f"offline_store.{each}" for each in list_given(render, "offlineStore.settings")}
    if path == "kuberay.extraSpec":
        options = list_given(render, f"{path}.autoscalerOptions")
        names = {f"autoscalerOptions.{each}" for each in options}
    for values in (DEFAULTS[render.chart], *map(read, render.values)):
        found: Any = values
        for each in path.split("."):
            found = (found.get(each) or {}) if isinstance(found, dict) else {}
        for part in found:
            names.add(part["name"] if isinstance(part, dict) else part.partition("=")[0])
    return names


LISTS = {
    "extraEnv": list_variables,
    "extraArgs": list_options,
    "uvicornOptions": list_options,
    "rayStartParams": list_ray_options,
    "extraSpec": list_fields,
}
"""Last key of a path -> the function that lists the names which the chart sets there."""


@pytest.mark.parametrize(("render", "path"), CASES, ids=str)
def test_variables_arguments_and_settings_that_the_chart_sets_are_refused_in_values(
    render: Render, path: str
) -> None:
    objects = render_objects(render)
    listed = LISTS.get(path.rpartition(".")[2], list_settings)
    names = sorted(listed(objects, path) - list_given(render, path) - FREE)
    if not names:
        return
    sets = (*render.sets, f"{path}={json.dumps(build(path, names))}")
    with pytest.raises(CarbonError) as refused:
        run_template(Render(render.chart, render.values, sets, apis=render.apis))
    missing = [
        name
        for name in names
        if not re.search(rf"{path}(: |[.]){re.escape(name)}: the chart sets", refused.value.what)
    ]
    assert not missing, refused.value.what
