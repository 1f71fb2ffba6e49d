"""Rules over the roles of users."""

from carbon.check.rules.access import roles

__all__ = ["roles"]
