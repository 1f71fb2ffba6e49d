"""The table of components, which the tests walk: schemas/components.yaml."""

from carbon.check.components import Component, components

__all__ = ["COMPONENTS", "Component"]

COMPONENTS = components()
