"""Runs the tests by tier: reads the table of tiers, runs suites, counts their outcomes."""
