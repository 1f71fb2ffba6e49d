"""Builds the generated documents: those in `docs`, and the table of charts in the README."""

from pathlib import Path

from carbon.charts.discovery import find_charts
from carbon.charts.generate import roles
from carbon.charts.generate.blocks import build_chart_table, fill_blocks
from carbon.gitops import documents as gitops
from carbon.home import ROOT
from carbon.images import document as images
from carbon.mesh import document as mesh


def build_documents() -> dict[Path, str]:
    """Return path and text of each generated document, and of the README with its tables."""
    readme = ROOT / "README.md"
    charts = [c for c in find_charts() if not (c.is_library or c.is_umbrella)]
    blocks = {"charts": build_chart_table(charts, "")}
    return {
        readme: fill_blocks(readme.read_text("utf-8"), blocks),
        ROOT / "docs" / "images.md": images.build_document(),
        ROOT / "docs" / "roles.md": roles.build_document(),
        ROOT / "docs" / "who-talks-to-whom.md": mesh.build_document(),
        **gitops.build_examples(),
    }
