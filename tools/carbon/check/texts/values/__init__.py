"""Checks of the values that Markdown sets."""
