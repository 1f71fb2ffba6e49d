"""Labels by which everything is found."""

from collections.abc import Iterator

from carbon.check.findings import Violation, rule
from carbon.check.render.objects import RenderedChart, pod_labels

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
def check_objects(chart: RenderedChart) -> Iterator[Violation]:
    """Every object says what it is, and which release and version of a chart drew it."""
    for obj in chart.objects:
        missing = (OF_PODS if obj.kind == "Pod" else OF_OBJECTS) - set(obj.labels)
        if missing:
            wrong = f"{obj.identity} has no label {', '.join(sorted(missing))}"
            yield Violation(obj, ("metadata", "labels"), wrong)


@rule("labels/instance", "Take the labels from common.metadata.", house=True)
def check_instance(chart: RenderedChart) -> Iterator[Violation]:
    """The label app.kubernetes.io/instance is the release's name."""
    for obj in chart.objects:
        given = obj.labels.get("app.kubernetes.io/instance", chart.release)
        if given != chart.release:
            wrong = f"{obj.identity}: the label app.kubernetes.io/instance is {given!r}"
            yield Violation(obj, ("metadata", "labels"), wrong)


@rule("labels/namespace", "Write namespace: {{ .Release.Namespace }}, or another on purpose.")
def check_namespace(chart: RenderedChart) -> Iterator[Violation]:
    """Every object of a namespace says which; Argo CD and `kubectl apply` then agree with Helm."""
    for obj in chart.objects:
        if obj.kind not in CLUSTER and not obj.meta.get("namespace"):
            yield Violation(obj, ("metadata",), f"{obj.identity} states no namespace")


@rule("labels/pod", "Take the labels from common.podMetadata.", house=True)
def check_pods(chart: RenderedChart) -> Iterator[Violation]:
    """Every pod carries the labels that selectors, policies and people use."""
    for obj, pod in chart.pods():
        missing = OF_PODS - set(pod_labels(pod))
        if missing and obj.kind != "Pod":
            wrong = f"{obj.identity}: its pods have no label {', '.join(sorted(missing))}"
            yield Violation(obj, ("spec", "template", "metadata"), wrong)


@rule("labels/version-free", "Take the labels of pods from common.podMetadata.", house=True)
def check_version_free(chart: RenderedChart) -> Iterator[Violation]:
    """A new version of a chart restarts no pod: pods carry no version."""
    for obj, pod in chart.pods():
        for key in sorted(VERSIONED & set(pod_labels(pod))):
            yield Violation(
                obj, ("spec", "template", "labels", key), f"{obj.identity}: pods: {key}"
            )
