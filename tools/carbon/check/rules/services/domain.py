"""The cluster's DNS domain in the names of Services."""

import re
from collections.abc import Iterator
from typing import Any

from carbon.check.findings import KeyPath, Violation, rule
from carbon.check.render.objects import RenderedChart
from carbon.check.trees import iterate_texts

_HOST = re.compile(r"\.svc\.([a-z][a-z0-9-]*(?:\.[a-z][a-z0-9-]*)*)")


@rule("services/domain", "Use global.clusterDomain, or a name that ends with .svc.", house=True)
def check_domain(chart: RenderedChart) -> Iterator[Violation]:
    """A name of a Service ends with the domain of the cluster, global.clusterDomain."""
    domain = (chart.values.get("global") or {}).get("clusterDomain")
    stated = [each for each in iterate_texts(chart.values) if ".svc." in each] if domain else []
    for obj in chart.objects if domain else ():
        for path, text in _list_texts(obj.body):
            others = [each for each in _HOST.findall(text) if each != domain]
            if others and not any(f".svc.{others[0]}" in each for each in stated):
                wrong = f"{obj.identity} contains a name in the domain {others[0]}"
                wrong = f"{wrong}, and global.clusterDomain is {domain}"
                yield Violation(obj, path, wrong, quote=(text, others[0]))


def _list_texts(node: Any, path: KeyPath = ()) -> Iterator[tuple[KeyPath, str]]:
    """Yield every string of an object with its path."""
    if isinstance(node, str):
        yield path, node
    elif isinstance(node, dict):
        for key, value in node.items():
            yield from _list_texts(value, (*path, str(key)))
    elif isinstance(node, list):
        for index, value in enumerate(node):
            named = isinstance(value, dict) and isinstance(value.get("name"), str)
            key = f"name={value['name']}" if named else str(index)
            yield from _list_texts(value, (*path, key))
