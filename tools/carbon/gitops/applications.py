"""Builds the Applications: CRDs first, then operators, then the umbrella."""

from collections.abc import Iterator
from typing import Any

from carbon.charts.render import Object, pod_templates
from carbon.check.engine.cases import RELEASE
from carbon.check.render.apis import get_group
from carbon.gitops import projects
from carbon.gitops.operators import Chart, Operator
from carbon.gitops.plan import Plan
from carbon.gitops.projects import ARGOCD, SERVER

INJECT = "sidecar.istio.io/inject"
QUEUE = "kueue.x-k8s.io/queue-name"
SECURITY = "pod-security.kubernetes.io"
WAVES = {"crds": -2, "operators": -1, "umbrella": 0}
"""The wave of each kind of Application: Argo CD waits for the health of a wave before the next."""


def build_root(plan: Plan) -> Object:
    """Return the Application that creates the other Applications."""
    source = {"repoURL": plan.apps.url, "targetRevision": plan.apps.revision, "path": plan.path}
    found = _build(f"{RELEASE}-applications", projects.APPLICATIONS, source, ARGOCD, None)
    found["spec"]["syncPolicy"]["syncOptions"] = ["ServerSideApply=true"]
    return found


def build_applications(plan: Plan) -> dict[str, Object]:
    """Return the Applications by file name, in the order of their waves."""
    found: dict[str, Object] = {}
    for each in plan.operators:
        if each.path:
            found[f"{each.name}-crds.yaml"] = _build_crds(each)
    for each in plan.operators:
        if each.chart:
            found[f"{each.name}.yaml"] = _build_operator(each, each.chart)
    return found | {f"{RELEASE}.yaml": _build_umbrella(plan)}


def _build(
    name: str, project: str, source: dict[str, Any], namespace: str, wave: int | None
) -> Object:
    meta: dict[str, Any] = {"name": name, "namespace": ARGOCD}
    if wave is not None:
        meta["annotations"] = {"argocd.argoproj.io/sync-wave": str(wave)}
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": meta,
        "spec": {
            "project": project,
            "source": source,
            "destination": {"server": SERVER, "namespace": namespace},
            "syncPolicy": {
                "automated": {"prune": True, "selfHeal": True},
                "retry": {
                    "limit": 10,
                    "refresh": True,  # a retry syncs the newest commit, such as a revert
                    "backoff": {"duration": "10s", "factor": 2, "maxDuration": "3m"},
                },
            },
        },
    }


def _build_crds(operator: Operator) -> Object:
    source = {
        "repoURL": operator.repository,
        "targetRevision": operator.revision,
        "path": operator.path,
        "directory": {"recurse": True, "include": operator.include},
    }
    found = _build(f"{operator.name}-crds", projects.OPERATORS, source, "default", WAVES["crds"])
    policy = found["spec"]["syncPolicy"]
    policy["automated"]["prune"] = False  # Kubernetes deletes all custom resources with their CRD
    policy["syncOptions"] = ["ServerSideApply=true"]  # a CRD is too large for client-side apply
    return found


def _build_operator(operator: Operator, chart: Chart) -> Object:
    helm: dict[str, Any] = {"releaseName": chart.release or operator.name, "skipTests": True}
    helm |= {"skipCrds": True} if operator.path else {}
    helm |= {"valuesObject": chart.values} if chart.values else {}
    where = {"chart": chart.name} if chart.name else {"path": "."}
    source = {"repoURL": chart.repository, "targetRevision": chart.version, **where, "helm": helm}
    found = _build(
        operator.name, projects.OPERATORS, source, operator.namespace, WAVES["operators"]
    )
    _manage_namespace(found, {f"{SECURITY}/enforce": operator.security})
    return found


def _build_umbrella(plan: Plan) -> Object:
    helm: dict[str, Any] = {"releaseName": RELEASE, "skipTests": True}
    helm |= {"valueFiles": list(plan.files)} if plan.files else {}
    helm |= {"valuesObject": plan.values} if plan.values else {}
    source = {
        "repoURL": plan.source.url,
        "targetRevision": plan.source.revision,
        "path": "." if plan.source.is_oci else "umbrella",
        "helm": helm,
    }
    found = _build(RELEASE, projects.PLATFORM, source, plan.namespace, WAVES["umbrella"])
    _manage_namespace(found, _label_namespace(plan))
    found["spec"]["syncPolicy"]["syncOptions"].append("RespectIgnoreDifferences=true")
    if ignored := list(list_ignored(plan)):
        found["spec"]["ignoreDifferences"] = ignored
    return found


def _manage_namespace(application: Object, labels: dict[str, str]) -> None:
    policy = application["spec"]["syncPolicy"]
    policy["managedNamespaceMetadata"] = {"labels": labels}
    policy["syncOptions"] = ["CreateNamespace=true", "ServerSideApply=true"]


def _label_namespace(plan: Plan) -> dict[str, str]:
    """Return the labels of the release's namespace.

    A mesh's init container may violate the Pod Security Standard `restricted`, so that a namespace
    in a mesh only warns.
    """
    pods = (pod for each in plan.objects for pod in pod_templates(each))
    labels = ((pod.get("metadata") or {}).get("labels") or {} for pod in pods)
    meshed = any(each.get(INJECT) == "true" for each in labels)
    modes = ("warn", "audit") if meshed else ("enforce",)
    return {f"{SECURITY}/{mode}": "restricted" for mode in modes}


def list_ignored(plan: Plan) -> Iterator[dict[str, Any]]:
    """Yield the fields that controllers change after Argo CD has applied an object.

    Ray's autoscaler writes `replicas` and `scaleStrategy` of the worker groups. Kueue suspends
    what enters a queue, and adds labels, a node selector and tolerations to the pods that it
    admits. `[]?` also accepts a RayCluster without worker groups.
    """
    for each in plan.objects:
        meta, spec = each["metadata"], each.get("spec") or {}
        paths = []
        if each["kind"] == "RayCluster" and spec.get("enableInTreeAutoscaling"):
            paths += [f".spec.workerGroupSpecs[]?.{key}" for key in ("replicas", "scaleStrategy")]
        if QUEUE in (meta.get("labels") or {}) and each["kind"] in ("RayCluster", "Job"):
            paths.append(".spec.suspend")
            pods = (
                (".spec.template",)
                if each["kind"] == "Job"
                else (".spec.headGroupSpec.template", ".spec.workerGroupSpecs[]?.template")
            )
            kept = ("metadata.labels", "metadata.annotations", "spec.nodeSelector")
            paths += [
                f"{pod}.{key}"
                for pod in pods
                for key in (*kept, "spec.tolerations", "spec.schedulingGates")
            ]
        if paths:
            yield {
                "group": get_group(each["apiVersion"]),
                "kind": each["kind"],
                "name": meta["name"],
                "namespace": meta["namespace"],
                "jqPathExpressions": paths,
            }
