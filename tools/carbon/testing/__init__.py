"""Runs the tests of the requested tiers.

The package reads tests/tiers.yaml, runs the suites, and counts passed and failed tests.
"""
