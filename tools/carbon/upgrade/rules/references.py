"""Secrets, ConfigMaps and PriorityClasses that pods name, and that vanish or change."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from carbon.charts.render import Object, identity
from carbon.check.findings import KeyPath
from carbon.upgrade.findings import Finding, Severity
from carbon.upgrade.objects.comparison import Comparison
from carbon.upgrade.objects.pairing import Pair

_BY_NAME = {
    "secretKeyRef": ("Secret", "name"),
    "secretRef": ("Secret", "name"),
    "secret": ("Secret", "secretName"),
    "configMapKeyRef": ("ConfigMap", "name"),
    "configMapRef": ("ConfigMap", "name"),
    "configMap": ("ConfigMap", "name"),
}
"""Key of a reference -> kind of its object, and the key with the object's name."""
_STORES = ("Secret", "ConfigMap")
_TEXT = "stringData"
"""Field of a Secret that the API server moves to data."""


@dataclass(frozen=True)
class Reference:
    """A field that refers to a Secret or a ConfigMap, or to one key of it."""

    target: str
    """The Secret or ConfigMap as Kind/name."""
    key: str
    """The key; empty for all keys."""
    owner: str
    path: KeyPath
    optional: bool

    @property
    def text(self) -> str:
        """The Secret or ConfigMap, and the key, as messages name them."""
        return f"key {self.key} of {self.target}" if self.key else self.target

    @property
    def kind(self) -> str:
        """The kind of the object."""
        return self.target.partition("/")[0]

    @property
    def name(self) -> str:
        """The name of the object."""
        return self.target.partition("/")[2]

    @property
    def value(self) -> str:
        """The name of the object, and the key, such as `mlflow/password`."""
        return f"{self.name}/{self.key}" if self.key else self.name


def list_references(body: Object) -> Iterator[Reference]:
    """Yield the references of an object to Secrets and ConfigMaps, in its pods and elsewhere."""
    if body.get("kind") != "Certificate":  # its secretName is what it creates
        yield from _find(body, (), identity(body))


def _find(node: Any, path: KeyPath, owner: str) -> Iterator[Reference]:
    if isinstance(node, list):
        for index, each in enumerate(node):
            name = each.get("name") if isinstance(each, dict) else None
            yield from _find(each, (*path, f"name={name}" if name else str(index)), owner)
    if not isinstance(node, dict):
        return
    for word, child in node.items():
        here = (*path, str(word))
        if word in _BY_NAME and isinstance(child, dict):
            yield from _read(word, child, here, owner)
        elif word == "imagePullSecrets" and isinstance(child, list):
            for each in child:
                yield Reference(f"Secret/{each['name']}", "", owner, here, optional=False)
        elif word == "secretName" and isinstance(child, str) and "secret" not in path[-1:]:
            yield Reference(f"Secret/{child}", "", owner, here, optional=False)
        yield from _find(child, here, owner)


def _read(word: str, node: Object, path: KeyPath, owner: str) -> Iterator[Reference]:
    kind, field = _BY_NAME[word]
    name = node.get(field) or node.get("name")  # a projected volume names a Secret by `name`
    if not isinstance(name, str):
        return
    optional = bool(node.get("optional"))
    items = [each.get("key") for each in node.get("items") or [] if isinstance(each, dict)]
    for key in items or [node.get("key", "")]:
        yield Reference(f"{kind}/{name}", str(key or ""), owner, path, optional)


def find_missing(comparison: Comparison) -> Iterator[Finding]:
    """Yield each reference of the new version to an object or key that nothing provides."""
    before = {(ref.target, ref.key) for body in comparison.old for ref in list_references(body)}
    provided = {identity(body): _get_data(body) for body in comparison.new}
    previous = {identity(body): _get_data(body) for body in comparison.old}
    created = set(_list_created(comparison.new))
    for body in comparison.new:
        for ref in list_references(body):
            known = provided.get(ref.target)
            fine = known is not None and (not ref.key or ref.key in known)
            vanished = known is None and ref.target in previous
            lost = known is not None and ref.key in previous.get(ref.target, ())
            is_old = (ref.target, ref.key) in before and not (vanished or lost)
            if fine or is_old or ref.optional or (ref.target in created and not vanished):
                continue
            if lost or vanished:
                yield _report_lost(ref, lost and previous[ref.target][ref.key][0] == _TEXT)
            else:
                yield _report_unprovided(ref)


def _list_created(objects: tuple[Object, ...]) -> Iterator[str]:
    """Yield the Secrets that other objects create: operators, and Jobs whose Role names them."""
    for body in objects:
        spec = body.get("spec") or {}
        if body.get("kind") == "ExternalSecret":
            name = (spec.get("target") or {}).get("name") or body["metadata"].get("name")
            yield f"Secret/{name}"
        elif body.get("kind") == "Certificate":
            yield f"Secret/{spec.get('secretName')}"
        elif body.get("kind") == "Role":
            rules = [r for r in body.get("rules") or [] if "secrets" in (r.get("resources") or [])]
            if any("create" in (rule.get("verbs") or []) for rule in rules):
                yield from (f"Secret/{n}" for rule in rules for n in rule.get("resourceNames", ()))


def _report_lost(ref: Reference, stays: bool) -> Finding:
    """Return the finding about an object or key that only the old version contains.

    `stays` is true if the API server keeps the key: Helm removes fields that it has sent, and the
    key is in another field. Only `helm upgrade` of Helm 4 with --server-side=true removes the key,
    if Helm 3 created the Secret.
    """
    return Finding(
        "references/missing",
        Severity.PERSON if stays else Severity.BREAKING,
        ref.owner,
        ref.path,
        f"reads {ref.text}, which the new version no longer contains",
        "The API server has moved stringData to data, and keeps the key there with its old value. "
        "Pods in new installations do not start without the key."
        if stays
        else "Pods do not start without it.",
        f"Keep the {ref.kind}, its name and its keys.",
        new=ref.value,
    )


def _report_unprovided(ref: Reference) -> Finding:
    return Finding(
        "references/missing",
        Severity.PERSON,
        ref.owner,
        ref.path,
        f"reads {ref.text}, which the release does not contain and the old version does not read",
        "Pods do not start without it.",
        f"Create the {ref.kind} {ref.name} before the upgrade, or mark the reference as optional.",
        new=ref.value,
    )


def find_changed_stores(comparison: Comparison) -> Iterator[Finding]:
    """Yield each rendered Secret that vanishes or whose keys or values change."""
    for pair in comparison.of_kind("Secret"):
        if pair.old and not pair.is_kept:
            yield _report_gone(
                pair,
                "secrets/name",
                "Helm deletes the Secret, with values that other clients may read.",
                "Keep the name of the Secret, or copy its values before the upgrade and change all "
                "clients that read it.",
            )
        elif pair.is_kept:
            yield from _compare_keys(pair)


def find_lost_priorities(comparison: Comparison) -> Iterator[Finding]:
    """Yield each PriorityClass that vanishes or gets another name."""
    for pair in comparison.of_kind("PriorityClass"):
        if pair.old and not pair.is_kept:
            yield _report_gone(
                pair,
                "references/priority",
                "Helm deletes the PriorityClass. Pods keep their priority, but the API server "
                "rejects new pods that name it, also those of other releases.",
                "Find the pods with `kubectl get pods --all-namespaces "
                "--output custom-columns=POD:.metadata.name,CLASS:.spec.priorityClassName`. After "
                "the upgrade, change priorityClassName of what creates them.",
            )


def _report_gone(pair: Pair, rule: str, effect: str, remedy: str) -> Finding:
    """Return the finding about an object that vanishes or gets another name."""
    kind, (_, name) = pair.name.partition("/")[0], pair.names
    what = f"renames the {kind} to {name}" if name else f"no longer contains the {kind}"
    path = ("metadata", "name")
    return Finding(rule, Severity.PERSON, pair.name, path, what, effect, remedy, *pair.names)


def _compare_keys(pair: Pair) -> Iterator[Finding]:
    before, after = _get_data(pair.old), _get_data(pair.new)
    for key, (field, value) in before.items():
        if key not in after:
            yield Finding(
                "secrets/key",
                Severity.PERSON,
                pair.name,
                (field, key),
                f"no longer contains the key {key}",
                "Clients that read the key, inside or outside the release, fail."
                if field != _TEXT
                else "The API server moves stringData to data and keeps the key with its old "
                "value there; clients in new installations, which lack the key, fail.",
                "Keep the key, or render the value under both keys for one release.",
            )
        elif after[key][1] != value:
            yield Finding(
                "secrets/value",
                Severity.PERSON,
                pair.name,
                (field, key),
                f"changes the value of the key {key}",
                "The server that checks the credential keeps the old value: clients are refused.",
                "Keep the value, or rotate the credential in the server too.",
            )


def _get_data(body: Object) -> dict[str, tuple[str, Any]]:
    """Return key -> field and value of a Secret or ConfigMap; empty for other kinds."""
    if body.get("kind") not in _STORES:
        return {}
    fields = ("data", "binaryData", _TEXT)
    return {str(k): (f, v) for f in fields for k, v in (body.get(f) or {}).items()}
