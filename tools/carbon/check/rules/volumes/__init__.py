"""Rules over volumes, over the files that containers read from them, and over variables."""

from carbon.check.rules.volumes import (
    claims,
    environment,
    files,
    groups,
    modes,
    scratch,
    variables,
    written,
)

__all__ = [
    "claims",
    "environment",
    "files",
    "groups",
    "modes",
    "scratch",
    "variables",
    "written",
]
