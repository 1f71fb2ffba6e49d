"""Rules over the roles of users, and over the roles, tokens and credentials of pods."""

from carbon.check.rules.access import credentials, requests, roles, tokens

__all__ = ["credentials", "requests", "roles", "tokens"]
