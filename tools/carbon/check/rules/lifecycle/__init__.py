"""Rules over data in backups and uninstalls, identities, pods in upgrades, and ages of images."""

from carbon.check.rules.lifecycle import (
    backups,
    controllers,
    hooks,
    identities,
    images,
    retention,
    rollouts,
    termination,
)

__all__ = [
    "backups",
    "controllers",
    "hooks",
    "identities",
    "images",
    "retention",
    "rollouts",
    "termination",
]
