"""Rules over servers: ports on which they listen, paths that clients request, and the notes."""

from carbon.check.rules.servers import listening, notes, paths, probes

__all__ = ["listening", "notes", "paths", "probes"]
