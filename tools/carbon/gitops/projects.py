"""Builds the AppProjects, each with the least rights for its Applications."""

from typing import Any

from carbon.charts.render import Object
from carbon.check.engine.cases import RELEASE
from carbon.check.render.apis import get_group
from carbon.gitops.plan import Plan

ARGOCD = "argocd"
"""The namespace of Argo CD."""
SERVER = "https://kubernetes.default.svc"
"""The cluster in which Argo CD runs."""
PLATFORM, OPERATORS, APPLICATIONS = RELEASE, f"{RELEASE}-operators", f"{RELEASE}-applications"
"""The names of the AppProjects: of the umbrella, of the operators, and of the root Application."""
_OPERATOR_KINDS = (
    "apiextensions.k8s.io/CustomResourceDefinition",
    "rbac.authorization.k8s.io/ClusterRole",
    "rbac.authorization.k8s.io/ClusterRoleBinding",
)

Right = dict[str, str]


def build_projects(plan: Plan) -> list[Object]:
    """Return the AppProjects of a plan."""
    found = [_build_platform(plan), _build_applications(plan)]
    return [*found, _build_operators(plan)] if plan.operators else found


def list_rights(plan: Plan) -> tuple[list[Right], list[Right]]:
    """Return the cluster-scoped objects, and the namespaced kinds, that the umbrella needs.

    Cluster-scoped objects are listed by name. Each namespaced object states its namespace.
    """
    cluster = {("", "Namespace", plan.namespace)}
    kinds = set()
    for each in plan.objects:
        group, meta = get_group(each["apiVersion"]), each["metadata"]
        if "namespace" in meta:
            kinds.add((group, each["kind"]))
        else:
            cluster.add((group, each["kind"], meta["name"]))
    named = [{"group": g, "kind": k, "name": n} for g, k, n in sorted(cluster)]
    return named, [{"group": g, "kind": k} for g, k in sorted(kinds)]


def _build_platform(plan: Plan) -> Object:
    cluster, kinds = list_rights(plan)
    spaces = {each["metadata"].get("namespace", plan.namespace) for each in plan.objects}
    return _build(
        PLATFORM, "The umbrella chart", [plan.source.url], spaces | {plan.namespace}, cluster, kinds
    )


def _build_applications(plan: Plan) -> Object:
    kinds = [{"group": "argoproj.io", "kind": "Application"}]
    return _build(APPLICATIONS, "The Applications", [plan.apps.url], {ARGOCD}, [], kinds)


def _build_operators(plan: Plan) -> Object:
    """Return the AppProject of the operators: any namespaced kind, in their own namespaces."""
    charts = [each for each in plan.operators if each.chart]
    sources = {each.repository for each in plan.operators if each.path}
    sources |= {each.chart.repository for each in charts if each.chart}
    # An Application of CRDs names a namespace but creates nothing in it.
    spaces = {"default", *(name for c in charts for name in (c.namespace, *c.namespaces))}
    kinds = sorted({*_OPERATOR_KINDS, *(kind for c in charts for kind in c.kinds)})
    cluster: list[Right] = [
        *({"group": "", "kind": "Namespace", "name": each.namespace} for each in charts),
        *(dict(zip(("group", "kind"), kind.split("/"), strict=True)) for kind in kinds),
    ]
    title = "The operators and their CRDs"
    return _build(OPERATORS, title, sorted(sources), spaces, cluster, None)


def _build(
    name: str,
    title: str,
    sources: list[str],
    namespaces: set[str],
    cluster: list[Right],
    kinds: list[Right] | None,
) -> Object:
    spec: dict[str, Any] = {
        "description": title,
        "sourceRepos": sources,
        "destinations": [{"server": SERVER, "namespace": each} for each in sorted(namespaces)],
        "clusterResourceWhitelist": cluster,
    }
    spec |= {} if kinds is None else {"namespaceResourceWhitelist": kinds}
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "AppProject",
        "metadata": {"name": name, "namespace": ARGOCD},
        "spec": spec,
    }
