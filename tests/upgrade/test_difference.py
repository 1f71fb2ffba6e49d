"""`carbon diff`: what is shown and what is hidden, the verdict and the command."""

import base64
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.upgrade.installed import CONFIG, encode

from carbon.commands.diff import build_command
from carbon.upgrade.contract import read_installed_revisions
from carbon.upgrade.difference.changes import HIDDEN, Difference, build_difference
from carbon.upgrade.difference.live import Stored, decode
from carbon.upgrade.difference.sources import Given, compare, parse_set
from carbon.upgrade.findings import Severity
from carbon.upgrade.objects.comparison import Comparison
from carbon.upgrade.rules import run_rules
from carbon.upgrade.sides import InputError, find_side

PACKAGE = "tests/upgrade/releases/254carbon-0.1.0.tgz"
SECRET = "pa55-of-the-database"  # noqa: S105
CHART = {"helm.sh/chart": "web-1"}
DEPLOYMENT: dict[str, Any] = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "web", "labels": CHART},
    "spec": {
        "replicas": 1,
        "selector": {"matchLabels": {"app": "web"}},
        "template": {
            "metadata": {"labels": {"app": "web"}, "annotations": {"checksum/config": "1"}},
            "spec": {
                "containers": [
                    {
                        "name": "web",
                        "image": "web:1",
                        "resources": {"limits": {"cpu": "1"}},
                        "env": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}],
                        "envFrom": [{"configMapRef": {"name": "web"}}],
                    }
                ]
            },
        },
    },
}


def patch(body: Any, **changes: Any) -> Any:
    """Return a copy of an object with changes, each named by its path with double underscores."""
    copy = json.loads(json.dumps(body))
    for path, value in changes.items():
        *parents, last = path.split("__")
        node = copy
        for key in parents:
            node = node[int(key[1:]) if key[1:].isdecimal() else key]
        node[last] = value
    return copy


def compute(old: list[Any], new: list[Any]) -> Difference:
    comparison = Comparison("", tuple(old), tuple(new))
    return build_difference(comparison, run_rules(comparison))


def write_chart(folder: Path, *objects: Any, text: str = "", schema: Any = None) -> Path:
    (folder / "templates").mkdir(parents=True)
    (folder / "Chart.yaml").write_text("apiVersion: v2\nname: example\nversion: 1.0.0\n")
    documents = [*(yaml.safe_dump(each) for each in objects), text]
    (folder / "templates" / "all.yaml").write_text("---\n".join(filter(None, documents)))
    if schema is not None:
        (folder / "values.schema.json").write_text(json.dumps(schema))
    return folder


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "carbon", "diff", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_values_of_secrets_are_never_shown(tmp_path: Path) -> None:
    def build(value: str, **more: str) -> list[Any]:
        plain = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "a"}, "immutable": True}
        coded = base64.b64encode(value.encode()).decode()
        return [
            {**plain, "stringData": {"password": value, **more}},
            {**plain, "metadata": {"name": "b"}, "data": {"password": coded}},
            {**plain, "metadata": {"name": f"c-{value[-1]}"}, "stringData": {"password": value}},
            {**plain, "metadata": {"name": "d"}, **({"stringData": more} if more else {})},
        ]

    old, new = f"{SECRET}-1", f"{SECRET}-2"
    sides = build(old), build(new, added=SECRET)
    folders = [str(write_chart(tmp_path / str(i), *side)) for i, side in enumerate(sides)]
    for output in ("text", "json"):
        done = run(*folders, "--output", output)
        assert done.returncode in (3, 4), done.stderr
        assert "Secret/a" in done.stdout
        assert HIDDEN in done.stdout
        for value in (old, new, SECRET):
            assert value not in done.stdout
            assert base64.b64encode(value.encode()).decode() not in done.stdout


def test_what_a_reader_does_not_need_is_left_out() -> None:
    other = patch(
        DEPLOYMENT,
        metadata__labels={"helm.sh/chart": "web-2"},
        spec__progressDeadlineSeconds=600,
        spec__template__spec__containers=[
            {
                **DEPLOYMENT["spec"]["template"]["spec"]["containers"][0],
                "resources": {"limits": {"cpu": "1000m"}},
                "env": [{"name": "B", "value": "2"}, {"name": "A", "value": "1"}],
            }
        ],
    )
    found = compute([DEPLOYMENT], [other])
    assert found == Difference((), (), (), ())
    assert found.verdict is None


def test_a_checksum_is_left_out_if_its_cause_is_shown_and_explains_the_restart() -> None:
    changed = patch(DEPLOYMENT)
    changed["spec"]["template"]["metadata"]["annotations"]["checksum/config"] = "2"
    found = compute([DEPLOYMENT, CONFIG], [changed, patch(CONFIG, data={"a": "2"})])
    assert [each.name for each in found.changes] == ["ConfigMap/web"]
    (restart,) = found.restarts
    assert restart.reasons == ("follows a change of ConfigMap/web",)
    assert found.verdict == Severity.RESTART
    (alone,) = compute([DEPLOYMENT, CONFIG], [changed, CONFIG]).changes
    assert alone.fields[0].path[-1] == "checksum/config"


def test_deleted_kept_renamed_and_added_objects_are_distinguished() -> None:
    kept = patch(CONFIG, metadata={"name": "k", "annotations": {"helm.sh/resource-policy": "keep"}})
    test = patch(CONFIG, metadata={"name": "t", "annotations": {"helm.sh/hook": "test"}})
    renamed = patch(DEPLOYMENT, metadata__name="server")
    service = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web"}, "spec": {}}
    found = compute([DEPLOYMENT, CONFIG, kept, test], [renamed, service])
    assert {each.name: (each.kind, each.new_name) for each in found.deletions} == {
        "Deployment/web": ("renamed", "Deployment/server"),
        "ConfigMap/web": ("deleted", ""),
        "ConfigMap/k": ("kept", ""),
    }
    assert [(each.kind, each.name) for each in found.changes] == [("added", "Service/web")]


def test_a_version_is_rendered_with_the_values_of_the_installed_release(tmp_path: Path) -> None:
    text = yaml.safe_dump(patch(CONFIG, data={"a": "VALUE"})).replace("VALUE", "{{ .Values.text }}")
    side = find_side(str(write_chart(tmp_path / "chart", text=text)))
    stored = decode(encode(manifest=yaml.safe_dump(patch(CONFIG, data={"a": "stored"}))))
    same = compare(stored, side, Given(), "1.37")
    assert build_difference(same.comparison, same.findings).verdict is None
    other = compare(stored, side, Given(sets=(parse_set("text=given"),)), "1.37")
    (change,) = build_difference(other.comparison, other.findings).changes
    assert (change.fields[0].old, change.fields[0].new) == ("stored", "given")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("a.b=text", 'a.b="text"'),
        ("a=2", "a=2"),
        ("a=02", 'a="02"'),
        ("a=true", "a=true"),
        ("a=1.5", 'a="1.5"'),
        ("a=", 'a=""'),
        (r"a=x\,y", 'a="x,y"'),
    ],
)
def test_a_value_of_set_has_the_type_that_helm_gives_it(text: str, wanted: str) -> None:
    assert parse_set(text) == wanted


@pytest.mark.parametrize("text", ["a", "=1", "a=1,b=2"])
def test_a_value_of_set_that_is_not_one_key_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        parse_set(text)


def test_refused_values_break_and_the_command_moves_them(tmp_path: Path) -> None:
    schema = {"properties": {"a": {"type": "integer"}}}
    old = write_chart(tmp_path / "old", CONFIG)
    new = write_chart(tmp_path / "new", CONFIG, schema=schema)
    done = run(str(old), str(new), "--set", "a=text", "--output", "json")
    assert done.returncode == 3, done.stderr
    report = json.loads(done.stdout)
    assert report["verdict"] == "breaking"
    assert report["findings"][0]["rule"] == "values/refused"
    assert report["command"] == f"carbon migrate-values VALUES.yaml --to {new}"


def test_values_that_an_earlier_version_refuses_are_moved_back(tmp_path: Path) -> None:
    schema = {"properties": {"a": {"type": "integer"}}}
    old = write_chart(tmp_path / "old", CONFIG)
    new = write_chart(tmp_path / "new", CONFIG, schema=schema)
    meta = (old / "Chart.yaml").read_text().replace("1.0.0", "1.1.0")
    (old / "Chart.yaml").write_text(meta)
    report = json.loads(run(str(old), str(new), "--set", "a=text", "--output", "json").stdout)
    assert report["command"] == f"carbon migrate-values VALUES.yaml --from {new} --reverse"


def test_values_that_the_version_before_refuses_are_an_invalid_input(tmp_path: Path) -> None:
    schema = {"properties": {"a": {"type": "integer"}}}
    old = write_chart(tmp_path / "old", CONFIG, schema=schema)
    done = run(str(old), str(write_chart(tmp_path / "new", CONFIG)), "--set", "a=text")
    assert done.returncode == 2
    assert f"{old} refuses the values: a: got string, want integer" in done.stderr


def test_the_same_release_as_package_and_by_version_does_not_differ() -> None:
    done = run("0.1.0", PACKAGE)
    assert done.returncode == 0, done.stderr
    assert "nothing changes" in done.stdout


def test_an_upgrade_that_changes_nothing_needs_no_person_about_revisions_of_data() -> None:
    tree = find_side("umbrella")
    same = compare(tree, tree, Given(), "1.37").comparison.old
    installed = Stored("254carbon", "data-platform", 2, "deployed", "0.1.0", {}, same, True)
    assert not compare(installed, tree, Given(), "1.37").findings
    first = compare(find_side("0.1.0"), tree, Given(), "1.37").comparison.old
    revisions = read_installed_revisions({"name": "254carbon", "version": "0.1.0"})
    installed = replace(installed, objects=same, revisions=revisions)
    assert not compare(installed, tree, Given(), "1.37").findings
    installed = replace(installed, objects=first)
    found = compare(installed, tree, Given(), "1.37").findings
    assert "data/revision" in {finding.rule for finding in found}


def test_a_version_that_does_not_exist_and_a_missing_values_file_are_refused() -> None:
    assert run("9.9.9").returncode == 2
    missing = run("0.1.0", "--values", "missing.yaml")
    assert missing.returncode == 2
    assert "missing.yaml is missing" in missing.stderr


@pytest.mark.parametrize(("method", "flag"), [("ssa", True), ("csa", False)])
def test_the_command_fits_the_helm_that_wrote_the_release(method: str, flag: bool) -> None:
    stored: Stored = decode(encode(apply_method=method))
    found = compute([CONFIG], [patch(CONFIG, data={"a": "2"})])
    command = build_command(found, stored, find_side("0.1.0"), (), ())
    assert command.startswith(f"helm upgrade web {PACKAGE} --namespace apps")
    assert "--reset-then-reuse-values" in command
    assert ("--force-conflicts" in command) is flag
