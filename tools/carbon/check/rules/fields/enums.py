"""Fields that take one of a few words: schemas of Kubernetes do not list the words."""

from collections.abc import Iterator
from typing import Any

from carbon.check.findings import KeyPath, Violation, rule
from carbon.check.render.objects import RenderedChart

BY_KEY = {
    "accessModes": {"ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", "ReadWriteOncePod"},
    "completionMode": {"NonIndexed", "Indexed"},
    "concurrencyPolicy": {"Allow", "Forbid", "Replace"},
    "dnsPolicy": {"ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"},
    "externalTrafficPolicy": {"Cluster", "Local"},
    "imagePullPolicy": {"Always", "IfNotPresent", "Never"},
    "internalTrafficPolicy": {"Cluster", "Local"},
    "ipFamilyPolicy": {"SingleStack", "PreferDualStack", "RequireDualStack"},
    "medium": {"", "Memory", "HugePages", "HugePages-2Mi", "HugePages-1Gi"},
    "pathType": {"Exact", "Prefix", "ImplementationSpecific"},
    "podManagementPolicy": {"OrderedReady", "Parallel"},
    "podReplacementPolicy": {"TerminatingOrFailed", "Failed"},
    "policyTypes": {"Ingress", "Egress"},
    "preemptionPolicy": {"PreemptLowerPriority", "Never"},
    "restartPolicy": {"Always", "OnFailure", "Never"},
    "sessionAffinity": {"ClientIP", "None"},
    "terminationMessagePolicy": {"File", "FallbackToLogsOnError"},
    "unhealthyPodEvictionPolicy": {"IfHealthyBudget", "AlwaysAllow"},
    "volumeBindingMode": {"Immediate", "WaitForFirstConsumer"},
    "volumeMode": {"Filesystem", "Block"},
    "whenDeleted": {"Retain", "Delete"},
    "whenScaled": {"Retain", "Delete"},
    "whenUnsatisfiable": {"DoNotSchedule", "ScheduleAnyway"},
}
"""The words of fields with one meaning in the API of Kubernetes
(https://kubernetes.io/docs/reference/generated/kubernetes-api/v1.37/)."""
BY_PARENT = {
    ("httpGet", "scheme"): {"HTTP", "HTTPS"},
    ("matchExpressions", "operator"): {"In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"},
    ("ports", "protocol"): {"TCP", "UDP", "SCTP"},
    ("seccompProfile", "type"): {"RuntimeDefault", "Localhost", "Unconfined"},
    ("strategy", "type"): {"RollingUpdate", "Recreate"},
    ("tolerations", "effect"): {"NoSchedule", "PreferNoSchedule", "NoExecute"},
    ("tolerations", "operator"): {"Exists", "Equal", "Lt", "Gt"},
    ("updateStrategy", "type"): {"RollingUpdate", "OnDelete"},
}
"""The words of fields whose name has another meaning below another field."""
FREE = ("data", "annotations", "labels", "matchLabels", "nodeSelector")
"""Maps with keys that users choose."""
SERVICES = {"ClusterIP", "NodePort", "LoadBalancer", "ExternalName"}


@rule("objects/word", "Write one of the words that the message lists.")
def check_words(chart: RenderedChart) -> Iterator[Violation]:
    """A field that takes one of a few words, such as imagePullPolicy, has one of these words."""
    for obj in chart.objects:
        if obj.kind == "Service" and obj.spec.get("type", "ClusterIP") not in SERVICES:
            wrong = _describe(obj.spec["type"], "type", SERVICES)
            yield Violation(obj, ("spec", "type"), f"{obj.identity}: {wrong}")
        native = "." not in str(obj.body.get("apiVersion", "")).partition("/")[0]
        for node in [obj.body] if native else obj.pods:
            for path, wrong in _find_words(node, ()):
                yield Violation(obj, path, f"{obj.identity}: {wrong}")


def _find_words(node: Any, path: KeyPath, parent: str = "") -> Iterator[tuple[KeyPath, str]]:
    """Yield the path and a description of each field with a word that Kubernetes refuses."""
    if isinstance(node, list):
        for each in node:
            yield from _find_words(each, path, parent)
    if not isinstance(node, dict):
        return
    for key, value in node.items():
        if key in FREE:
            continue
        words = BY_KEY.get(key) or BY_PARENT.get((parent, key))
        stated = value if isinstance(value, list) else [value]
        if words:
            for word in stated:
                if isinstance(word, str) and word not in words:
                    yield (*path, key), _describe(word, key, words)
        yield from _find_words(value, (*path, key), key)


def _describe(word: str, key: str, words: set[str]) -> str:
    known = ", ".join(sorted(each or '""' for each in words))
    return f"{key}: {word or 'an empty text'} is none of {known}"
