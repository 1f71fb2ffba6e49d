"""The health checks in Lua, and the ConfigMap with which Argo CD reads them."""

from pathlib import Path

from carbon.charts.render import Object
from carbon.gitops.operators import FOLDER
from carbon.gitops.projects import ARGOCD

CHECKS = FOLDER / "health"
"""The folder with the checks: each file is named GROUP_KIND.lua, as Argo CD names the setting."""


def list_checks() -> list[Path]:
    """Return the files of the health checks, sorted."""
    return sorted(CHECKS.glob("*.lua"))


def build_settings() -> Object:
    """Return the ConfigMap argocd-cm with the health checks alone.

    Server-side apply adds them to the settings that the ConfigMap already has.
    """
    data = {
        f"resource.customizations.health.{file.stem}": file.read_text("utf-8")
        for file in list_checks()
    }
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {
            "name": "argocd-cm",
            "namespace": ARGOCD,
            "labels": {"app.kubernetes.io/name": "argocd-cm", "app.kubernetes.io/part-of": ARGOCD},
        },
        "data": data,
    }
