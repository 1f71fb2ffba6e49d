"""The causes of findings: the line of a template or a values file that renders a wrong field."""
