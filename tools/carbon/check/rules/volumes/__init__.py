"""Rules over volumes and over the files that containers read from them."""

from carbon.check.rules.volumes import scratch

__all__ = ["scratch"]
