"""Labels: the recommended labels of Kubernetes and Helm on objects and pods."""

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
"""Cluster-scoped kinds."""


@rule("labels/object", "Render the metadata with common.metadata.", house=True)
def check_objects(chart: RenderedChart) -> Iterator[Violation]:
    """Every object has the labels for application, component, release and chart version."""
    for obj in chart.objects:
        missing = (OF_PODS if obj.kind == "Pod" else OF_OBJECTS) - set(obj.labels)
        if missing:
            wrong = f"{obj.identity} has no label {', '.join(sorted(missing))}"
            yield Violation(obj, ("metadata", "labels"), wrong)


@rule("labels/instance", "Render the metadata with common.metadata.", house=True)
def check_instance(chart: RenderedChart) -> Iterator[Violation]:
    """The label app.kubernetes.io/instance is the release's name."""
    for obj in chart.objects:
        given = obj.labels.get("app.kubernetes.io/instance", chart.release)
        if given != chart.release:
            wrong = f"{obj.identity}: the label app.kubernetes.io/instance is {given!r}"
            yield Violation(obj, ("metadata", "labels"), wrong)


@rule(
    "labels/namespace",
    "Write namespace: {{ .Release.Namespace }}, or the name of another namespace.",
    house=True,
)
def check_namespace(chart: RenderedChart) -> Iterator[Violation]:
    """Every namespaced object states its namespace, for Argo CD and `kubectl apply`."""
    for obj in chart.objects:
        if obj.kind not in CLUSTER and not obj.meta.get("namespace"):
            yield Violation(obj, ("metadata",), f"{obj.identity} states no namespace")


@rule("labels/pod", "Render the pod metadata with common.podMetadata.", house=True)
def check_pods(chart: RenderedChart) -> Iterator[Violation]:
    """Every pod has the labels that selectors and policies use."""
    for obj, pod in chart.pods():
        missing = OF_PODS - set(pod_labels(pod))
        if missing and obj.kind != "Pod":
            wrong = f"{obj.identity}: the pods have no label {', '.join(sorted(missing))}"
            yield Violation(obj, ("spec", "template", "metadata"), wrong)


@rule("labels/version-free", "Render the pod metadata with common.podMetadata.", house=True)
def check_version_free(chart: RenderedChart) -> Iterator[Violation]:
    """No pod has a version label: a new chart version alone must not restart pods."""
    for obj, pod in chart.pods():
        for key in sorted(VERSIONED & set(pod_labels(pod))):
            yield Violation(
                obj,
                ("spec", "template", "labels", key),
                f"{obj.identity}: the pods have the label {key}",
            )
