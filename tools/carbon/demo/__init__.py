"""The first model, end to end: `examples/first-model` run on the platform step by step."""
