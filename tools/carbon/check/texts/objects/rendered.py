"""The objects that charts render, as far as commands in the documentation name them."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from carbon.check.render.objects import RenderedObject, pod_labels
from carbon.check.trees import iterate_maps

Facts = dict[str, Any]
"""What commands can name of one object.

The keys are `name`, `kind`, `namespace`, `labels`, `pods`, `claims`, `ports` and `uses`.
`template` is the template as Helm names it, such as `254carbon/charts/mlflow/templates/…`.
"""
_REFERENCES = {"secretKeyRef", "secretRef", "secret", "configMap", "configMapRef"}
_REFERENCES |= {"configMapKeyRef", "credentialsSecret", "caSecret"}
_OF_PODS = {
    "Pod": "",
    "StatefulSet": r"-\d+",
    "DaemonSet": r"-[a-z0-9]{5}",
    "Deployment": r"-[a-z0-9]{6,10}-[a-z0-9]{5}",
    "Job": r"-[a-z0-9]{5}",
    "CronJob": r"-\d+-[a-z0-9]{5}",
    "RayCluster": r"-.+",
    "RayService": r"-.+",
}
"""Kind -> what Kubernetes or KubeRay appends to the name of the object for a pod's name."""
_MOST_NAMES = 8
"""Maximum number of names of a chart's own object.

A template that renders more names renders the entries of a list.
"""
_OF_JOBS = {"Job": "", "CronJob": r"-\d+"}
_OF_SERVICES = {"Service": "", "RayCluster": "-head-svc", "RayService": "-(head|serve)-svc"}
_OF_CLUSTERS = {"RayCluster": "", "RayService": r"-.+"}
_MADE = {"Pod": _OF_PODS, "Job": _OF_JOBS, "Service": _OF_SERVICES, "RayCluster": _OF_CLUSTERS}
_MADE |= {kind: {kind: "", "RayCluster": ""} for kind in ("Role", "RoleBinding")}
"""Kind -> kinds whose controllers create objects of this kind -> what they append to the name."""


def describe_object(obj: RenderedObject) -> Facts:
    """Return what commands can name of an object, without keys that are empty."""
    pods = [
        {
            "labels": _get_map(pod_labels(pod)),
            "containers": [
                str(each.get("name"))
                for key in ("initContainers", "containers")
                for each in pod["spec"].get(key) or []
            ],
        }
        for pod in obj.pods
    ]
    facts = {
        "kind": obj.kind,
        "name": obj.name,
        "namespace": obj.meta.get("namespace"),
        "labels": _get_map(obj.labels),
        "pods": pods,
        "claims": sorted(set(_list_claims(obj))),
        "ports": list(_list_ports(obj)),
        "uses": sorted(set(_list_used(obj))),
    }
    return {key: value for key, value in facts.items() if value}


def _get_map(node: Any) -> dict[str, Any]:
    """Return a map; an empty one in place of a field of another shape."""
    return node if isinstance(node, dict) else {}


def _list_claims(obj: RenderedObject) -> Iterator[str]:
    templates = _get_map(obj.spec).get("volumeClaimTemplates")
    for each in templates if isinstance(templates, list) else ():
        if isinstance(each, dict) and isinstance(each.get("metadata"), dict):
            yield str(each["metadata"].get("name"))


def _list_ports(obj: RenderedObject) -> Iterator[int | str]:
    ports = _get_map(obj.spec).get("ports") if obj.kind == "Service" else None
    for each in ports if isinstance(ports, list) else ():
        if isinstance(each, dict):
            yield from (
                each[key] for key in ("port", "name") if isinstance(each.get(key), int | str)
            )


def _list_used(obj: RenderedObject) -> Iterator[str]:
    """Yield the names of ConfigMaps and Secrets that an object refers to."""
    for each in iterate_maps(obj.body):
        for key in _REFERENCES & each.keys():
            if isinstance(each[key], dict) and isinstance(each[key].get("name"), str):
                yield each[key]["name"]
        if isinstance(each.get("secretName"), str):
            yield each["secretName"]
        if isinstance(each.get("resourceNames"), list):
            yield from map(str, each["resourceNames"])


class Rendered:
    """All objects of all charts."""

    def __init__(self, objects: list[Facts]) -> None:
        distinct = {repr(facts | {"template": get_template(facts)}): facts for facts in objects}
        self.objects = [*distinct.values(), *_rename_objects(list(distinct.values()))]
        self.by_kind: dict[str, dict[str, list[Facts]]] = {}
        self._containers: dict[str, set[str]] = {}
        for each in self.objects:
            for pod in each.get("pods", ()):
                self._containers.setdefault(get_template(each), set()).update(pod["containers"])
            named = self.by_kind.setdefault(str(each.get("kind")), {})
            named.setdefault(get_name(each), []).append(each)
        self.namespaces = {str(each["namespace"]) for each in self.objects if "namespace" in each}
        self.namespaces |= self.list_names("Namespace")
        self._used = {name for each in self.objects for name in each.get("uses", ())}

    def list_names(self, kind: str) -> set[str]:
        """Return the names of all objects of a kind."""
        return set(self.by_kind.get(kind, ()))

    def list_all_names(self) -> set[str]:
        """Return the names of all objects, and of all ConfigMaps and Secrets that objects use."""
        return {name for names in self.by_kind.values() for name in names} | self._used

    def list_known(self, kind: str) -> set[str]:
        """Return names of a kind, also of objects that controllers and Jobs create."""
        names = self.list_names(kind)
        if kind == "Pod":
            names |= {f"{own}-0" for own in self.list_names("StatefulSet")}
        elif kind == "PersistentVolumeClaim":
            names |= {f"{claim}-{own}-0" for claim, own in self._list_claims()}
        elif kind in ("Secret", "ConfigMap"):
            names |= self._used
        return names

    def list_workloads(self, name: str) -> list[str]:
        """Return the workloads with a name, as commands write them: `statefulset/redis`."""
        kinds = sorted(set(_OF_PODS) - {"Pod"})
        return [f"{kind.lower()}/{name}" for kind in kinds if name in self.list_names(kind)]

    def find(self, kind: str, name: str) -> list[Facts] | None:
        """Return the rendered objects that are an object, or whose controllers create it.

        The list is empty for a claim of a StatefulSet, and for a Secret or a ConfigMap to which
        objects refer and that no chart renders. None means that there is no such object.
        """
        found = []
        for maker, suffix in _MADE.get(kind, {kind: ""}).items():
            for own, facts in self.by_kind.get(maker, {}).items():
                if name.startswith(own) and re.fullmatch(suffix, name[len(own) :]):
                    found += facts
        if found:
            return found
        if kind == "ReplicaSet":
            return self._find_replica_set(name)
        if kind == "PersistentVolumeClaim" and self._is_claim(name):
            return []
        if kind in ("Secret", "ConfigMap") and name in self._used:
            return []
        return None

    def _find_replica_set(self, name: str) -> list[Facts] | None:
        own, _, suffix = name.rpartition("-")
        known = self.by_kind.get("Deployment", {}).get(own)
        return known if known and re.fullmatch("[a-z0-9]{6,10}", suffix) else None

    def _is_claim(self, name: str) -> bool:
        return any(
            re.fullmatch(rf"{re.escape(claim)}-{re.escape(own)}-\d+", name)
            for claim, own in self._list_claims()
        )

    def _list_claims(self) -> Iterator[tuple[str, str]]:
        """Yield the name of each volume claim template, and of its StatefulSet."""
        for own, facts in self.by_kind.get("StatefulSet", {}).items():
            yield from ((claim, own) for each in facts for claim in each.get("claims", ()))

    def list_pods(self) -> list[Mapping[str, Any]]:
        """Return all pod templates."""
        return [pod for each in self.objects for pod in each.get("pods", ())]

    def list_containers(self, objects: list[Facts]) -> set[str]:
        """Return the names of the containers that the templates of some objects render."""
        templates = {get_template(each) for each in objects}
        return {name for each in templates for name in self._containers.get(each, ())}


def _rename_objects(objects: list[Facts]) -> Iterator[Facts]:
    """Yield each object with the further names that it can have.

    With `fullnameOverride`, a chart's own object has another name, and so have the objects whose
    names begin with that name. CI values files that set it do not enable all of these objects.
    """
    names: dict[tuple[str, str], set[str]] = {}
    for each in objects:
        names.setdefault((get_template(each), str(each.get("kind"))), set()).add(get_name(each))
    groups: dict[str, set[frozenset[str]]] = {}
    for (template, _), some in names.items():
        if 1 < len(some) <= _MOST_NAMES:
            groups.setdefault(_get_chart(template), set()).add(frozenset(some))
    known = {(each.get("kind"), each.get("name")) for each in objects}
    for each in objects:
        for group in groups.get(_get_chart(get_template(each)), ()):
            for own in (own for own in group if get_name(each).startswith(f"{own}-")):
                for other in sorted(group - {own}):
                    renamed = _rename(each, own, other)
                    if (key := (renamed.get("kind"), renamed["name"])) not in known:
                        known.add(key)
                        yield renamed


def _rename(facts: Facts, own: str, other: str) -> Facts:
    """Return an object with `other` in place of `own` at the start of its name and labels."""

    def replace(labels: Mapping[str, Any]) -> dict[str, Any]:
        return {
            key: other + str(value)[len(own) :] if str(value).startswith(own) else value
            for key, value in labels.items()
        }

    pods = [{**pod, "labels": replace(pod["labels"])} for pod in facts.get("pods", ())]
    labels = replace(facts.get("labels", {}))
    return facts | {"name": other + get_name(facts)[len(own) :], "labels": labels, "pods": pods}


def _get_chart(template: str) -> str:
    return template.partition("/")[0]


def get_name(facts: Facts) -> str:
    """Return the name of an object; empty without one."""
    return str(facts.get("name", ""))


def get_template(facts: Facts) -> str:
    """Return the template of an object, the same in the chart and in the umbrella."""
    return str(facts.get("template", get_name(facts))).rpartition("charts/")[2]
