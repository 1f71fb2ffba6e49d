"""Rules over single fields: values that Kubernetes refuses, or that are obvious mistakes."""

from carbon.check.rules.fields import apis, capacity, permissions, quantities, schedules, variables

__all__ = ["apis", "capacity", "permissions", "quantities", "schedules", "variables"]
