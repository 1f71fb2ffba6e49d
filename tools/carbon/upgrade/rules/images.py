"""Images whose versions store data in another format, and images of other repositories."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from carbon.charts.render import Object
from carbon.check.findings import KeyPath
from carbon.files import read_yaml
from carbon.home import ROOT
from carbon.upgrade.findings import Finding, Severity
from carbon.upgrade.objects.comparison import Comparison, list_containers

TABLE = ROOT / "schemas" / "upgrade" / "images.yaml"
"""The table of images whose versions differ in the format of their data."""
_VERSION = re.compile(r"\d+(?:\.\d+)*")


@dataclass(frozen=True)
class Product:
    """A row of the table: a product that stores data, and when its format changes."""

    name: str
    image: re.Pattern[str]
    parts: int
    """Number of parts of the version that change with the format."""
    severity: Severity
    why: str
    remedy: str


@cache
def read_products() -> tuple[Product, ...]:
    """Return the rows of the table."""
    return tuple(
        Product(
            name,
            re.compile(row["image"]),
            int(row["parts"]),
            Severity(row["severity"]),
            " ".join(row["why"].split()),
            " ".join(row["remedy"].split()),
        )
        for name, row in read_yaml(TABLE).items()
    )


def find_data_formats(comparison: Comparison) -> Iterator[Finding]:
    """Yield each image whose product or version stores its data in another format."""
    for pair in comparison.pairs:
        if pair.old and pair.new:
            before, after = dict(list_images(pair.old)), dict(list_images(pair.new))
            for path, image in before.items():
                if path in after and after[path] != image:
                    yield from _compare(pair.name, path, image, after[path])


def find_repositories(comparison: Comparison) -> Iterator[Finding]:
    """Yield each repository of images that the old version does not use."""
    known = {_get_repository(image) for body in comparison.old for _, image in list_images(body)}
    for pair in comparison.pairs:
        for path, image in list_images(pair.new) if pair.new else ():
            repository = _get_repository(image)
            if repository not in known:
                known.add(repository)
                yield Finding(
                    "image/repository",
                    Severity.NOTE,
                    pair.name,
                    path,
                    f"pulls from {repository}, which no pod uses now",
                    "Pods do not start where nodes reach a mirror only and the mirror lacks it.",
                    "Copy the image to your mirror first.",
                )


def list_images(body: Object) -> Iterator[tuple[KeyPath, str]]:
    """Yield path and reference of the images of an object's containers."""
    for path, container in list_containers(body):
        if isinstance(image := container.get("image"), str):
            yield (*path, "image"), image


def _compare(owner: str, path: KeyPath, old: str, new: str) -> Iterator[Finding]:
    for product in read_products():
        before, after = (_read_version(product, image) for image in (old, new))
        if before is not None and after is not None and before != after:
            yield Finding(
                "image/data",
                product.severity,
                owner,
                path,
                f"changes the version of {product.name}",
                product.why,
                product.remedy,
                old,
                new,
            )


def _read_version(product: Product, image: str) -> Any:
    """Return repository and format version of an image of a product; None for other images."""
    repository, _, tag = image.partition("@")[0].rpartition(":")
    if "/" in tag or not product.image.search(repository):
        return None
    if not (match := _VERSION.search(tag)):
        return repository.rpartition("/")[2], tag
    return repository.rpartition("/")[2], tuple(match[0].split(".")[: product.parts])


def _get_repository(image: str) -> str:
    """Return the reference of an image without its tag and digest."""
    name = image.partition("@")[0]
    head, slash, last = name.rpartition("/")
    return f"{head}{slash}{last.partition(':')[0]}"
