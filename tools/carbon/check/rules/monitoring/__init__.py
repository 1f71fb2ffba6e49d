"""Rules over the queries of alerts and dashboards, and over the fields of alerts."""

from carbon.check.rules.monitoring import alerts, comparisons, containers, messages, panels, queries

__all__ = ["alerts", "comparisons", "containers", "messages", "panels", "queries"]
