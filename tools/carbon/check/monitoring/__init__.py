"""PromQL queries of alerts and dashboards, and the metrics and labels that exist."""
