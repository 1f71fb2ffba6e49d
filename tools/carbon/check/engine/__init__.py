"""Runs a check.

The package plans tasks, reads results from the cache, runs the other tasks in worker processes,
removes accepted errors, and builds the report.
"""
