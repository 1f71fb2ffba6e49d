"""The pods that the umbrella counts against a quota, compared with the rendered pods."""
