"""Implements `carbon check --deep`.

The check renders charts with random values, and checks that every key of a schema has an effect.
"""
