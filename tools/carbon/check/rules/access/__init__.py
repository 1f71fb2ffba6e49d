"""Rules over the roles of users, and over the tokens and roles of pods."""

from carbon.check.rules.access import roles, tokens

__all__ = ["roles", "tokens"]
