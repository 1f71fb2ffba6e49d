"""Rules over volumes and over the files that containers read from them."""

from carbon.check.rules.volumes import claims, files, modes, scratch

__all__ = ["claims", "files", "modes", "scratch"]
