"""Rules over servers: ports on which they listen, paths that clients request, NOTES.txt."""

from carbon.check.rules.servers import listening, loopback, notes, paths, probes

__all__ = ["listening", "loopback", "notes", "paths", "probes"]
