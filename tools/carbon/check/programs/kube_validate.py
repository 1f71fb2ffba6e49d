"""kube-validate: whether the API server would create an object, by its own validation.

The program has the validation of Kubernetes 1.37 only. kubeconform validates objects under the
other minors, by schemas, which lack allowed words, patterns and dependencies between
fields.
"""

import json
import re
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from carbon import externals
from carbon.charts.render import Object
from carbon.check.findings import KeyPath, declare
from carbon.check.programs.custom_defaults import list_added
from carbon.check.programs.process import RUN_AGAIN
from carbon.check.render.objects import RenderedObject
from carbon.check.rules.pods import OPERATED
from carbon.errors import CarbonError

ACCEPTED = declare(
    "kubernetes/accepted",
    "The API server accepts the values of all fields, as Kubernetes' own validation shows.",
    "Write a value that the message allows; the API reference of Kubernetes describes each field.",
)
DEFAULTED = declare(
    "kubernetes/defaulted",
    "The API server adds no field inside a list that a patch replaces as a whole. GitOps tools "
    "would report such a field as a difference at every sync.",
    "Render the field with the value that the API server adds.",
    house=True,
)
_STEP = re.compile(r"[^.\[\]]+|\[[^\]]*\]")


def validate(objects: Mapping[str, RenderedObject]) -> dict[str, list[tuple[str, KeyPath, str]]]:
    """Return rule, path and message of each field that the API server refuses or adds, by digest.

    For a custom resource, kube-validate validates the pods that the operator creates from it. The
    CRD states the fields that the API server adds to it.

    Raises:
        CarbonError: kube-validate fails.
    """
    every = [(digest, body) for digest, obj in objects.items() for body in _list_bodies(obj)]
    done = subprocess.run(
        [str(externals.ensure_program("kube-validate"))],
        input="".join(f"{json.dumps(body, default=str)}\n" for _, body in every),
        capture_output=True,
        text=True,
        check=False,
    )
    answers = done.stdout.splitlines()
    if done.returncode or len(answers) != len(every):
        what = f"kube-validate returned {len(answers)} results for {len(every)} objects"
        raise CarbonError(
            f"{what} and exit status {done.returncode}: {done.stderr.strip()[-500:]}",
            RUN_AGAIN,
        )
    found: dict[str, list[tuple[str, KeyPath, str]]] = {digest: [] for digest in objects}
    for (digest, body), answer in zip(every, answers, strict=True):
        known = json.loads(answer)
        obj = objects[digest]
        if known is None:
            added = list_added(obj.body)
        else:
            added = [(each["field"], each["what"]) for each in known["added"] or []]
        for problem in (known or {}).get("problems") or []:
            what = ": ".join(filter(None, (problem["field"], problem["what"])))
            found[digest].append((ACCEPTED, split_field(problem["field"], body), what))
        for field, value in added if body is obj.body else ():
            what = f"{obj.identity}: the API server adds {field}: {value}"
            found[digest].append((DEFAULTED, split_field(field, body), what))
    return found


def _list_bodies(obj: RenderedObject) -> Iterator[Object]:
    yield obj.body
    for pod in obj.pods if obj.kind in OPERATED else ():
        labels = {key: (pod.get("metadata") or {}).get(key) for key in ("labels", "annotations")}
        meta = {"name": "pod", "namespace": obj.meta.get("namespace"), **labels}
        yield {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": pod["spec"]}


def split_field(field: str, body: Any) -> KeyPath:
    """Return the keys of a field such as spec.containers[0].resources.limits[memory].

    An entry of a list is the one with its name, if it has one.
    """
    keys: list[str] = []
    for step in _STEP.findall(field):
        key = step.strip("[]")
        if isinstance(body, Sequence) and key.isdigit() and int(key) < len(body):
            body = body[int(key)]
            name = body.get("name") if isinstance(body, dict) else None
            keys.append(f"name={name}" if name else key)
        else:
            body = body.get(key) if isinstance(body, dict) else None
            keys.append(key)
    return tuple(keys)
