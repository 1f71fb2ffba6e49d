"""Rules over servers: ports on which they listen, paths that clients request, NOTES.txt."""

from carbon.check.rules.servers import certificates, listening, loopback, notes, paths, probes

__all__ = ["certificates", "listening", "loopback", "notes", "paths", "probes"]
