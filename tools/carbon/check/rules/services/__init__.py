"""Rules over the services table: the umbrella's pods, their connections and their policies."""

from carbon.check.rules.services import mesh, policies, table

__all__ = ["mesh", "policies", "table"]
