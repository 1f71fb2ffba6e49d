"""Rules over what happens to data, pods and images in the course of time, such as in an upgrade."""

from carbon.check.rules.lifecycle import (
    backups,
    controllers,
    hooks,
    images,
    retention,
    rollouts,
    termination,
)

__all__ = [
    "backups",
    "controllers",
    "hooks",
    "images",
    "retention",
    "rollouts",
    "termination",
]
