"""Runs `examples/first-model`, the first model, step by step on the platform."""
