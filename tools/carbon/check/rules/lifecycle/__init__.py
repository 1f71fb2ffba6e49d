"""Rules over what happens to data and pods in an upgrade, a scale-down, a drain or an uninstall."""

from carbon.check.rules.lifecycle import backups, retention, rollouts, termination

__all__ = ["backups", "retention", "rollouts", "termination"]
