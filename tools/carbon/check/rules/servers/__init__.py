"""Rules over what clients request from servers: the paths of probes and monitors."""

from carbon.check.rules.servers import paths

__all__ = ["paths"]
