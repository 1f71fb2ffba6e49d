"""`carbon generate` compiles the JSON Schemas of custom resources from CRDs."""

import json
from typing import Any

from carbon.charts.generate.crds import compile_crd, convert_schema
from carbon.charts.generate.resources import list_resources

SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "prose",
    "properties": {
        "description": {"type": "string", "description": "a field of that name stays"},
        "port": {"x-kubernetes-int-or-string": True, "anyOf": [{"type": "integer"}]},
        "free": {
            "type": "object",
            "properties": {"a": {"type": "string"}},
            "x-kubernetes-preserve-unknown-fields": True,
        },
        "labels": {"type": "object", "additionalProperties": {"type": "string"}},
        "none": {"type": "string", "nullable": True},
        "metadata": {"type": "object"},
    },
}


def test_a_compiled_schema_has_no_descriptions_and_refuses_unknown_fields() -> None:
    assert convert_schema(SCHEMA) == {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "description": {"type": "string"},
            "port": {"type": ["integer", "string"]},
            "free": {"type": "object", "properties": {"a": {"type": "string"}}},
            "labels": {"type": "object", "additionalProperties": {"type": "string"}},
            "none": {"type": ["string", "null"]},
            "metadata": {"type": "object"},
        },
    }


def test_only_requested_kinds_and_served_versions_are_compiled() -> None:
    versions = [
        {"name": name, "served": served, "schema": {"openAPIV3Schema": SCHEMA}}
        for name, served in (("v1", True), ("v1alpha1", False))
    ]
    crd = {
        "kind": "CustomResourceDefinition",
        "spec": {"group": "a.io", "names": {"kind": "Widget"}, "versions": versions},
    }
    assert dict(compile_crd(crd, ["Other"])) == {}
    compiled = dict(compile_crd(crd, ["Widget"]))
    assert list(compiled) == ["a.io_widget_v1.json"]
    own = json.loads(compiled["a.io_widget_v1.json"])["properties"]
    assert own["metadata"] == {"type": "object"}
    assert own["kind"] == own["apiVersion"] == {"type": "string"}


def test_the_table_of_resources_has_subresources_and_the_verbs_of_all_versions() -> None:
    lists = [
        {"kind": "APIVersions", "versions": ["v1"]},
        discover("v1", "pods/log", "get"),
        discover("batch/v1", "jobs", "get"),
        discover("batch/v2", "jobs", "list"),
    ]
    versions = [{"name": "v1", "subresources": {"status": {}}}, {"name": "v1beta1"}]
    crd = {"spec": {"group": "a.io", "names": {"plural": "widgets"}, "versions": versions}}
    table = list_resources(lists, [crd])
    assert table[""] == {"pods/log": {"get"}}
    assert table["batch"] == {"jobs": {"get", "list"}}
    assert table["a.io"]["widgets/status"] == {"get", "patch", "update"}
    assert "deletecollection" in table["a.io"]["widgets"]


def discover(version: str, resource: str, verb: str) -> dict[str, Any]:
    """Return an APIResourceList, as in the API server's discovery, with one resource."""
    resources = [{"name": resource, "verbs": [verb]}]
    return {"kind": "APIResourceList", "groupVersion": version, "resources": resources}
