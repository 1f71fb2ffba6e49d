"""Rules over servers: ports on which they listen, paths that clients request, NOTES.txt."""

from carbon.check.rules.servers import certificates, hops, listening, loopback, notes, paths, probes

__all__ = ["certificates", "hops", "listening", "loopback", "notes", "paths", "probes"]
