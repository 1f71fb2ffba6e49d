"""Rules over single fields: values that Kubernetes refuses, or that can't be meant."""

from carbon.check.rules.fields import capacity, quantities, schedules

__all__ = ["capacity", "quantities", "schedules"]
