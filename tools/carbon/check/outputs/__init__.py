"""The formats of the report of a check: text, JSON, JUnit XML and an HTML page."""
