"""Verdicts: what kubeconform, kube-validate, yamllint, kube-score and checkov report on objects.

Each distinct object is passed to each program once.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from carbon import externals
from carbon.charts.kubernetes import MINORS, PACKAGE
from carbon.check import programs
from carbon.check.engine.cache import Cache
from carbon.check.engine.digests import combine, hash_file, hash_tree
from carbon.check.findings import RULES
from carbon.check.programs import kube_score, kube_validate, kubeconform, remarks, yamllint
from carbon.check.programs.checkov import Checkov, list_inputs
from carbon.check.render.apis import CRDS
from carbon.check.render.objects import RenderedObject
from carbon.check.texts.objects import rendered
from carbon.errors import CarbonError

Verdict = dict[str, Any]
"""The reports of all programs about one object.

`kubernetes`: minor -> messages; `server`: [rule, path, message]; `yaml`: [line, message];
`published`: remarks; `facts`: what commands in the documentation can name of the object.
"""
BATCH = 25
"""Maximum number of objects that one task passes to yamllint."""


@dataclass(frozen=True)
class Problem:
    """One error that a program reports about an object."""

    rule: str
    what: str
    path: tuple[str, ...] = ()
    remedy: str = ""
    """What to do; if empty, the finding has the remedy of the rule."""

    @property
    def is_unknown(self) -> bool:
        """True if the object is a custom resource without a schema."""
        return self.rule == kubeconform.VALID and kubeconform.lacks_schema(self.what)

    @property
    def is_house(self) -> bool:
        """True if the rule is a convention of this project."""
        return self.rule in RULES and RULES[self.rule].house


class Verdicts:
    """The programs' reports about the objects of one run, from the cache or from a new run."""

    def __init__(self, cache: Cache) -> None:
        self._cache = cache
        self._context = hash_context()
        self._known: dict[str, Verdict] = {}
        self._objects: dict[str, RenderedObject] = {}

    def __contains__(self, digest: str) -> bool:
        return digest in self._known

    def __getitem__(self, digest: str) -> Verdict:
        return self._known[digest]

    def keys(self) -> list[str]:
        """Return the cache keys of the known verdicts."""
        return [self._key(digest) for digest in self._known]

    def read(self, digests: Iterable[str]) -> None:
        """Read verdicts from the cache."""
        unknown = [self._key(digest) for digest in digests if digest not in self._known]
        for key, verdict in self._cache.get(unknown).items():
            self._known[key.partition("-")[2]] = verdict

    def read_facts(self, found: Collection[tuple[str, str]]) -> list[rendered.Facts]:
        """Return what Markdown can name of each object.

        `found` has the digest and the template of each object.

        The list is empty if an object has no verdict.
        """
        self.read(digest for digest, _ in found)
        if any(digest not in self._known for digest, _ in found):
            return []
        return [self._known[digest]["facts"] | {"template": name} for digest, name in found]

    def add(self, objects: Mapping[str, RenderedObject]) -> list[RenderedObject]:
        """Add objects by digest; return the objects without a verdict."""
        self._objects |= objects
        self.read(objects)
        return [obj for digest, obj in objects.items() if digest not in self._known]

    def complete(
        self, pool: ProcessPoolExecutor, checkov: Checkov, progress: Callable[[str], None]
    ) -> None:
        """Pass the objects without a verdict to every program, and store the verdicts."""
        new = {d: obj for d, obj in self._objects.items() if d not in self._known}
        if not new:
            return
        verdicts: dict[str, Verdict] = {
            digest: {
                "kubernetes": {},
                "server": [],
                "yaml": [],
                "published": [],
                "facts": rendered.describe_object(obj),
            }
            for digest, obj in new.items()
        }
        texts = {digest: obj.text for digest, obj in new.items()}
        with kubeconform.write_objects(new.values()) as folder, TemporaryDirectory() as pods:
            remarks.write_objects(new.values(), Path(pods))
            checkov.scan(Path(pods))
            server = pool.submit(kube_validate.validate, new)
            scores = pool.submit(kube_score.score, Path(pods), MINORS[-1])
            by_minor = {pool.submit(kubeconform.validate, folder, m): m for m in MINORS}
            lints = [pool.submit(yamllint.lint, some) for some in _split(texts)]
            for job in as_completed(by_minor):
                for digest, messages in job.result().items():
                    verdicts[digest]["kubernetes"][by_minor[job]] = messages
                progress(f"kubeconform {by_minor[job]}")
            for digest, refused in server.result().items():
                verdicts[digest]["server"] = refused
            for lint in lints:
                for digest, lines in lint.result().items():
                    verdicts[digest]["yaml"] = lines
            self._known |= verdicts
            try:
                both = remarks.merge(scores.result(), checkov.read_remarks())
            except CarbonError:
                if any(_is_refused(verdict) for verdict in verdicts.values()):
                    return  # a finding reports the object that kube-score or checkov can't read
                raise
            for digest, others in both.items():
                verdicts[digest]["published"] = others
        self._cache.put({self._key(digest): verdict for digest, verdict in verdicts.items()})

    def _key(self, digest: str) -> str:
        return f"{self._context}-{digest}"


def hash_context() -> str:
    """Return the hash of everything other than the objects that verdicts depend on."""
    names = [
        externals.table()[name].digest for name in ("kubeconform", "kube-validate", "kube-score")
    ]
    packages = version(PACKAGE), version("yamllint")
    files = map(hash_file, (Path(__file__), Path(rendered.__file__)))
    code = hash_tree(Path(programs.__file__).parent), *files
    return combine(
        [*names, *packages, *MINORS, *code, hash_tree(CRDS.parent), *map(hash_file, list_inputs())]
    )


def list_problems(verdict: Verdict) -> Iterator[Problem]:
    """Yield what is wrong with an object according to a verdict."""
    under: dict[str, list[str]] = {}
    for minor, messages in verdict["kubernetes"].items():
        for message in messages:
            under.setdefault(message, []).append(minor)
    for message, minors in under.items():
        where = "" if len(minors) == len(MINORS) else f" (under {', '.join(minors)})"
        what = f"{kubeconform.shorten(message)}{where}"
        yield Problem(kubeconform.VALID, what, kubeconform.find_path(message))
    for rule, path, what in verdict["server"]:
        if path or not under:  # an object of another shape is reported once
            yield Problem(rule, what, tuple(path))
    for _line, what in verdict["yaml"]:
        yield Problem(yamllint.get_rule(what), what)
    for rule, what, remedy in verdict["published"]:
        yield Problem(rule, what, (), remedy)


def _is_refused(verdict: Verdict) -> bool:
    refused = any(rule == kube_validate.ACCEPTED for rule, _, _ in verdict["server"])
    return refused or any(verdict["kubernetes"].values())


def _split(texts: dict[str, str]) -> Iterator[dict[str, str]]:
    digests = list(texts)
    for at in range(0, len(digests), BATCH):
        yield {digest: texts[digest] for digest in digests[at : at + BATCH]}
