"""The table of components, which the tests walk: schemas/components.yaml."""

from carbon.check.sources.components import Component, read_components

__all__ = ["COMPONENTS", "Component"]

COMPONENTS = read_components()
