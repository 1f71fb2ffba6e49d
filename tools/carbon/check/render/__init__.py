"""Renders one case (a chart with one set of values files) for the rules to examine."""
