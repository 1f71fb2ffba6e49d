"""Rules over volumes, over the files that containers read from them, and over variables."""

from carbon.check.rules.volumes import claims, files, groups, modes, scratch, variables

__all__ = ["claims", "files", "groups", "modes", "scratch", "variables"]
