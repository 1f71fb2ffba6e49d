"""Rules over servers: the ports on which they listen, and the paths that clients request."""

from carbon.check.rules.servers import listening, paths

__all__ = ["listening", "paths"]
