"""Finds fields that the API server adds inside lists that one manager owns as a whole."""

from typing import Any

from tests.live.stored import list_added


def test_reports_fields_in_lists_that_are_owned_as_a_whole() -> None:
    given: dict[str, Any] = {
        "spec": {
            "containers": [{"name": "a", "args": ["b"]}],
            "volumeClaimTemplates": [{"spec": {"size": 1}}],
        }
    }
    stored: dict[str, Any] = {
        "spec": {
            "policy": "Always",
            "containers": [{"name": "a", "args": ["b"], "path": "/dev/log"}],
            "volumeClaimTemplates": [{"kind": "Claim", "spec": {"size": 1, "mode": "File"}}],
        },
    }
    element: dict[str, Any] = {".": {}, "f:name": {}, "f:args": {}}
    fields = {"f:containers": {'k:{"name":"a"}': element}, "f:volumeClaimTemplates": {}}
    manager = {"operation": "Apply", "fieldsV1": {"f:spec": fields}}
    stored["metadata"] = {"managedFields": [manager]}
    assert list_added(given, stored) == [
        ".spec.volumeClaimTemplates[0].kind",
        ".spec.volumeClaimTemplates[0].spec.mode",
    ]
