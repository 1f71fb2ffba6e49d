"""The outputs of a check: text, JSON, JUnit XML and an HTML page."""
