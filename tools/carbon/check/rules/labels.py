"""Labels by which everything is found."""

from collections.abc import Iterator

from carbon.check.drawn import Drawn, labels_of
from carbon.check.findings import Fault, rule

STABLE = {"app.kubernetes.io/name", "app.kubernetes.io/instance", "app.kubernetes.io/component"}
OF_PODS = STABLE | {"app.kubernetes.io/part-of", "app"}
VERSIONED = {"app.kubernetes.io/version", "helm.sh/chart"}
OF_OBJECTS = OF_PODS | VERSIONED | {"app.kubernetes.io/managed-by"}
CLUSTER = {
    "ClusterRole", "ClusterRoleBinding", "PriorityClass", "Namespace", "StorageClass",
    "PersistentVolume", "CustomResourceDefinition", "ValidatingAdmissionPolicy",
    "ValidatingAdmissionPolicyBinding", "ValidatingWebhookConfiguration", "APIService",
    "MutatingWebhookConfiguration", "ResourceFlavor", "ClusterQueue", "RuntimeClass", "DeviceClass",
    "WorkloadPriorityClass", "IngressClass", "GatewayClass", "ClusterIssuer",
}  # fmt: skip
"""Kinds that live in no namespace."""


@rule("labels/object", "Take the labels from common.metadata.", house=True)
def objects(drawn: Drawn) -> Iterator[Fault]:
    """Every object says what it is, and which release and version of a chart drew it."""
    for thing in drawn.things:
        missing = (OF_PODS if thing.kind == "Pod" else OF_OBJECTS) - set(thing.labels)
        if missing:
            wrong = f"{thing.identity} has no label {', '.join(sorted(missing))}"
            yield Fault(thing, ("metadata", "labels"), wrong)


@rule("labels/instance", "Take the labels from common.metadata.", house=True)
def instance(drawn: Drawn) -> Iterator[Fault]:
    """The label app.kubernetes.io/instance is the release's name."""
    for thing in drawn.things:
        given = thing.labels.get("app.kubernetes.io/instance", drawn.release)
        if given != drawn.release:
            wrong = f"{thing.identity}: the label app.kubernetes.io/instance is {given!r}"
            yield Fault(thing, ("metadata", "labels"), wrong)


@rule("labels/namespace", "Write namespace: {{ .Release.Namespace }}, or another on purpose.")
def namespace(drawn: Drawn) -> Iterator[Fault]:
    """Every object of a namespace says which; Argo CD and `kubectl apply` then agree with Helm."""
    for thing in drawn.things:
        if thing.kind not in CLUSTER and not thing.meta.get("namespace"):
            yield Fault(thing, ("metadata",), f"{thing.identity} states no namespace")


@rule("labels/pod", "Take the labels from common.podMetadata.", house=True)
def pods(drawn: Drawn) -> Iterator[Fault]:
    """Every pod carries the labels that selectors, policies and people use."""
    for thing, pod in drawn.pods():
        missing = OF_PODS - set(labels_of(pod))
        if missing and thing.kind != "Pod":
            wrong = f"{thing.identity}: its pods have no label {', '.join(sorted(missing))}"
            yield Fault(thing, ("spec", "template", "metadata"), wrong)


@rule("labels/version-free", "Take the labels of pods from common.podMetadata.", house=True)
def version_free(drawn: Drawn) -> Iterator[Fault]:
    """A new version of a chart restarts no pod: pods carry no version."""
    for thing, pod in drawn.pods():
        for key in sorted(VERSIONED & set(labels_of(pod))):
            yield Fault(
                thing, ("spec", "template", "labels", key), f"{thing.identity}: pods: {key}"
            )
