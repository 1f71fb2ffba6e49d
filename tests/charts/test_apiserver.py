"""The module apiserver of scripts in pods: which responses are results, and which are errors."""

import io
import json
import re
import urllib.error
from email.message import Message
from pathlib import Path
from typing import Any

import pytest

from carbon.home import ROOT

TEMPLATE = ROOT / "charts/common/templates/_apiserver.tpl"
PATCHES = {
    "application/json-patch+json": list,
    "application/merge-patch+json": dict,
    "application/strategic-merge-patch+json": dict,
}
"""The media types of patches, each with the body that the API server can read: applyJSPatch in
pkg/endpoints/handlers/patch.go of k8s.io/apiserver."""


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The module that `common.apiserverModule` renders: the template contains only Python."""
    found = re.search(
        r"apiserverModule\" -}}\n(.*?)\n{{- end }}", TEMPLATE.read_text("utf-8"), re.S
    )
    assert found
    module: dict[str, Any] = {}
    exec(compile(found[1], str(TEMPLATE), "exec"), module)  # noqa: S102
    (tmp_path / "token").write_text("x")
    module["ACCOUNT"] = tmp_path
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "10.96.0.1")
    monkeypatch.setenv("KUBERNETES_SERVICE_PORT", "443")
    monkeypatch.setattr("ssl.create_default_context", lambda **_: None)
    return module


def answer(monkeypatch: pytest.MonkeyPatch, status: int) -> None:
    """Let the API server answer each request with a status and the message `forbidden`."""

    def open_url(request: Any, **_: object) -> None:
        body = io.BytesIO(json.dumps({"message": "forbidden"}).encode())
        raise urllib.error.HTTPError(request.full_url, status, "", Message(), body)

    monkeypatch.setattr("urllib.request.urlopen", open_url)


@pytest.mark.parametrize("method", ["PATCH", "POST", "PUT"])
def test_the_content_type_of_a_request_is_that_of_its_body(
    method: str, module: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    kinds = PATCHES if method == "PATCH" else {"application/json": dict}

    def open_url(request: Any, **_: object) -> io.BytesIO:
        kind = request.get_header("Content-type")
        assert isinstance(json.loads(request.data), kinds.get(kind, ())), f"415: {kind}"
        return io.BytesIO(request.data)

    monkeypatch.setattr("urllib.request.urlopen", open_url)
    changed = {"data": {"web.conf": None}}
    assert module["call"](method, "/api/v1/namespaces/a/configmaps/web", changed) == changed


def test_a_get_of_a_missing_object_returns_none(
    module: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    answer(monkeypatch, 404)
    assert module["call"]("GET", "/api/v1/pods/x") is None


@pytest.mark.parametrize(("method", "status"), [("GET", 403), ("DELETE", 404), ("PATCH", 404)])
def test_an_error_other_than_404_for_get_ends_the_script_with_the_servers_message(
    module: dict[str, Any], monkeypatch: pytest.MonkeyPatch, method: str, status: int
) -> None:
    answer(monkeypatch, status)
    with pytest.raises(SystemExit, match=f"{method} /api/v1/pods/x: forbidden"):
        module["call"](method, "/api/v1/pods/x")
