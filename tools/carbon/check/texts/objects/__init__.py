"""Checks of the objects that Markdown names."""
