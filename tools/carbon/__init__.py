"""Runs, renders and tests the 254carbon Helm charts."""
