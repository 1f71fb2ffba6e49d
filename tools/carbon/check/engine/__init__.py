"""Runs a check.

The package plans tasks, reads results from the cache, runs the other tasks in worker processes,
removes accepted findings, and builds the report.
"""
