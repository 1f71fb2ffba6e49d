"""The folders of the project: the checkout, and the cache with what was built."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
"""The checkout."""


def home() -> Path:
    """Return the cache: `$CARBON_HOME`, by default `~/.cache/254carbon`."""
    return Path(os.environ.get("CARBON_HOME") or Path.home() / ".cache" / "254carbon").absolute()
