"""Rules over volumes and over the files that containers read from them."""

from carbon.check.rules.volumes import files, scratch

__all__ = ["files", "scratch"]
