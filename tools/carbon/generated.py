"""Builds the generated documents: those in `docs`, and parts of the README and of Chart.yaml."""

from pathlib import Path

from carbon.charts.discovery import UMBRELLA, find_charts
from carbon.charts.generate import roles
from carbon.charts.generate.blocks import build_chart_table, fill_blocks
from carbon.gitops import documents as gitops
from carbon.home import ROOT
from carbon.images import document as images
from carbon.mesh import document as mesh
from carbon.upgrade import contract


def build_documents() -> dict[Path, str]:
    """Return path and text of each generated document.

    The README and the umbrella's Chart.yaml are written by hand, without some parts.
    """
    umbrella = ROOT / UMBRELLA / "Chart.yaml"
    readme = ROOT / "README.md"
    charts = [c for c in find_charts() if not (c.is_library or c.is_umbrella)]
    blocks = {"charts": build_chart_table(charts, "")}
    return {
        umbrella: contract.fill_revisions(umbrella.read_text("utf-8"), charts),
        readme: fill_blocks(readme.read_text("utf-8"), blocks),
        ROOT / "docs" / "images.md": images.build_document(),
        ROOT / "docs" / "roles.md": roles.build_document(),
        ROOT / "docs" / "who-talks-to-whom.md": mesh.build_document(),
        **gitops.build_examples(),
    }
