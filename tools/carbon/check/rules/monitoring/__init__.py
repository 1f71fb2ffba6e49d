"""Rules over the queries of alerts and dashboards, and over the fields of alerts."""

from carbon.check.rules.monitoring import alerts, comparisons, messages, panels, queries

__all__ = ["alerts", "comparisons", "messages", "panels", "queries"]
