"""existingSecret: null means the same as an empty name, or is refused with its path."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from tests.charts.cases import CHARTS, RENDERS

from carbon.charts.render import Object, Render, render_objects
from carbon.errors import CarbonError


def list_secrets(values: Any, at: tuple[str, ...] = ()) -> Iterator[str]:
    """Yield the path of each existingSecret in the values."""
    for key, value in values.items() if isinstance(values, dict) else ():
        if key == "existingSecret":
            yield ".".join((*at, key))
        else:
            yield from list_secrets(value, (*at, key))


SECRETS = {chart.folder: list(list_secrets(chart.read_values())) for chart in CHARTS}
CASES = [
    *((render, path) for render in RENDERS for path in SECRETS[render.chart]),
    *(
        (
            Render(chart.folder, sets=(f'artifacts.store="{store}"', f"artifacts.{store}={named}")),
            at,
        )
        for chart in CHARTS
        if chart.name == "mlflow"
        for store, named in {
            "gcs": '{"bucket": "b"}',
            "azure": '{"account": "a", "container": "c"}',
        }.items()
        for at in SECRETS[chart.folder]
        if store in at
    ),
    *(
        (
            Render(
                chart.folder, sets=('repository.source="git"', 'repository.git.url="https://g"')
            ),
            at,
        )
        for chart in CHARTS
        if chart.name == "feast"
        for at in SECRETS[chart.folder]
        if "git" in at
    ),
]


def render_with(render: Render, path: str, value: object) -> list[Object] | str:
    """Return the rendered objects with a value at a path, or the message that refuses the value."""
    sets = (*render.sets, f"{path}={json.dumps(value)}")
    try:
        return render_objects(Render(render.chart, render.values, sets, apis=render.apis))
    except CarbonError as refused:
        return refused.what


def drop_hashes(objects: list[Object]) -> str:
    """Return objects as JSON without hashes of values."""
    return re.sub(r"\b[0-9a-f]{8,64}\b", "", json.dumps(objects))


@pytest.mark.parametrize(("render", "path"), CASES, ids=str)
def test_a_secret_of_null_is_one_without_a_name_or_is_refused(render: Render, path: str) -> None:
    objects = render_with(render, path, None)
    if isinstance(objects, str):
        parent = path.rpartition(".")[0].replace(".", "/")
        schema = f"at '/{parent}': missing property 'existingSecret'"
        assert schema in objects or f"- {path}.name: " in objects, objects
        return
    text = drop_hashes(objects)
    assert not re.search(r'"(secretName|name)": (""|null)', text)
    unnamed = render_with(render, path, {"name": ""})
    if not isinstance(unnamed, str):
        # Helm ignores null in some maps of `global`, and the default value remains.
        assert text in (drop_hashes(unnamed), drop_hashes(render_objects(render)))
