"""The course of a check: plan, cache, worker processes, exceptions, report."""
