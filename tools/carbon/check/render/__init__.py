"""Rendering one case, and the rendered objects that rules examine."""
