"""Rules over data in backups and uninstalls, pods in upgrades and drains, and ages of images."""

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
