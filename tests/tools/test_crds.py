"""Schemas compiled from CRDs."""

import json
from typing import Any

from carbon.charts.crds import closed, schemas

THING: dict[str, Any] = {
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


def test_a_crds_schema_loses_its_prose_and_refuses_what_it_does_not_know() -> None:
    assert closed(THING) == {
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


def test_only_wanted_kinds_and_served_versions_are_compiled() -> None:
    versions = [
        {"name": name, "served": served, "schema": {"openAPIV3Schema": THING}}
        for name, served in (("v1", True), ("v1alpha1", False))
    ]
    crd = {
        "kind": "CustomResourceDefinition",
        "spec": {"group": "a.io", "names": {"kind": "Thing"}, "versions": versions},
    }
    assert dict(schemas(crd, ["Other"])) == {}
    found = dict(schemas(crd, ["Thing"]))
    assert list(found) == ["a.io_thing_v1.json"]
    own = json.loads(found["a.io_thing_v1.json"])["properties"]
    assert own["metadata"] == {"type": "object"}
    assert own["kind"] == own["apiVersion"] == {"type": "string"}
