"""Requests to the API server are read from Python scripts, as verbs and resources of RBAC."""

import pytest

from carbon.check.rules.access.calls import list_requests

HEAD = 'from apiserver import call, changes\nspace = f"/api/v1/namespaces/{input()}"\n'


@pytest.mark.parametrize(
    ("script", "verbs", "group", "resource"),
    [
        ('call("GET", "/api/v1/nodes?limit=1")', ("list",), "", "nodes"),
        ('call("GET", f"{space}/pods/web")', ("get",), "", "pods"),
        ('call("GET", space)', ("get",), "", "namespaces"),
        ('call("POST", "/apis/batch/v1/namespaces/a/jobs", {})', ("create",), "batch", "jobs"),
        ('call("DELETE", f"{space}/pods")', ("deletecollection",), "", "pods"),
        ('call("DELETE", space + "/pods/" + input())', ("delete",), "", "pods"),
        ('changes(f"{space}/pods", "1")', ("watch",), "", "pods"),
        ('call("PUT", f"{space}/pods/a/status", {})', ("update",), "", "pods/status"),
        ('k = "pods" if 1 else "pods"\ncall("PATCH", f"{space}/{k}/a")', ("patch",), "", "pods"),
        ('call("GET", f"/apis/{input()}/v1/jobs")', ("get", "list"), "*", "*"),
    ],
)  # fmt: skip
def test_reads_verb_group_and_resource_of_a_request(
    script: str, verbs: tuple[str, ...], group: str, resource: str
) -> None:
    (request,) = list_requests(HEAD + script)
    assert (request.verbs, request.group, request.resource) == (verbs, group, resource)


def test_reads_paths_from_loops_attributes_and_arguments() -> None:
    script = """
class Cleaner:
    def __init__(self, space):
        self.pods = f"{space}/pods"

    def clean(self):
        for path in [self.pods, *(f"{space}/{kind}" for kind in ("secrets", "services"))]:
            self.delete(path)

    def delete(self, path):
        call("DELETE", path)
"""
    found = {request.resource for request in list_requests(HEAD + script)}
    assert found == {"pods", "secrets", "services"}


@pytest.mark.parametrize("script", ['call("GET", "/api/v1/nodes")', "call(", ""])
def test_reads_no_request_without_the_import_or_of_a_script_that_is_not_python(script: str) -> None:
    assert list_requests(script) == ()
