"""Rules over single fields: values that Kubernetes refuses, or that can't be meant."""

from carbon.check.rules.fields import apis, capacity, quantities, schedules

__all__ = ["apis", "capacity", "quantities", "schedules"]
