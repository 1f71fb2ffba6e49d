"""The objects that Argo CD gets: sources, rights, order and ignored differences."""

import json
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator

from carbon.charts.render import Object, Render, render_objects
from carbon.check.render.apis import CRDS, list_apis
from carbon.files import parse_documents
from carbon.gitops.applications import build_applications, build_root
from carbon.gitops.documents import build_documents, build_examples
from carbon.gitops.operators import read_operators, read_versions
from carbon.gitops.plan import QUICKSTART, Plan, build_plan, list_profiles
from carbon.gitops.projects import build_projects
from carbon.gitops.source import Source
from carbon.home import ROOT

GIT = Source("https://example.com/charts.git", "v1")
PACKAGE = Source("oci://registry.example.com/charts/254carbon", "0.1.0")
QUEUED = """
ray-cluster:
  mode: kuberay
  kuberay: {labels: {kueue.x-k8s.io/queue-name: ml}}
"""


def read_examples() -> list[Object]:
    return [each for text in build_examples().values() for each in parse_documents(text)]


def find_project(plan: Plan, name: str) -> Object:
    return next(each for each in build_projects(plan) if each["metadata"]["name"] == name)


def find_umbrella(plan: Plan) -> Object:
    return build_applications(plan)["254carbon.yaml"]


def permits(project: Object, obj: Object) -> bool:
    """Return whether an AppProject permits an object, as IsResourcePermitted of Argo CD 3.6.1."""
    spec, meta = project["spec"], obj["metadata"]
    api = obj["apiVersion"]
    kind = {"group": api.rpartition("/")[0], "kind": obj["kind"]}
    if "namespace" not in meta:
        return any(
            fnmatchcase(kind["group"], row["group"])
            and fnmatchcase(kind["kind"], row["kind"])
            and fnmatchcase(meta["name"], row.get("name") or "*")
            for row in spec["clusterResourceWhitelist"]
        )
    inside = any(meta["namespace"] == row["namespace"] for row in spec["destinations"])
    return inside and kind in spec.get("namespaceResourceWhitelist", [kind])


def make_object(api: str, kind: str, name: str, namespace: str | None = None) -> Object:
    meta = {"name": name} | ({"namespace": namespace} if namespace else {})
    return {"apiVersion": api, "kind": kind, "metadata": meta}


@pytest.fixture(scope="module", params=list(list_profiles()))
def plan(request: pytest.FixtureRequest) -> Plan:
    return build_plan(GIT, request.param)


def test_the_project_permits_exactly_what_the_profile_renders(plan: Plan) -> None:
    files = tuple((ROOT / "umbrella" / file).resolve() for file in plan.files)
    rendered = render_objects(Render(ROOT / "umbrella", files, apis=list_apis()))
    synced = [
        each
        for each in rendered
        if "helm.sh/hook" not in (each["metadata"].get("annotations") or {})
    ]
    project = find_project(plan, "254carbon")
    assert [each for each in synced if not permits(project, each)] == []
    own = make_object("v1", "Namespace", "data-platform")  # Argo CD creates it
    needed = [*synced, own]
    spec = project["spec"]
    for key in ("clusterResourceWhitelist", "namespaceResourceWhitelist", "destinations"):
        for row in spec[key]:
            less = project | {"spec": spec | {key: [r for r in spec[key] if r != row]}}
            assert not all(permits(less, each) for each in needed), f"{key}: {row} is not needed"
    assert spec["sourceRepos"] == [GIT.url]


@pytest.mark.parametrize(
    "other",
    [
        make_object("v1", "Secret", "a", "data-platform"),
        make_object("v1", "ConfigMap", "a", "kube-system"),
        make_object("rbac.authorization.k8s.io/v1", "ClusterRole", "a"),
        make_object("rbac.authorization.k8s.io/v1", "ClusterRoleBinding", "a"),
        make_object("v1", "Namespace", "kube-system"),
        make_object("argoproj.io/v1alpha1", "Application", "a", "argocd"),
    ],
    ids=lambda each: f"{each['kind']} {each['metadata'].get('namespace', '')}",
)
def test_the_project_refuses_other_objects(other: Object, plan: Plan) -> None:
    assert not permits(find_project(plan, "254carbon"), other)


def test_the_project_of_the_operators_permits_their_crds_and_namespaces() -> None:
    project = find_project(build_plan(GIT, "production"), "254carbon-operators")
    crd = make_object("apiextensions.k8s.io/v1", "CustomResourceDefinition", "rayclusters.ray.io")
    assert permits(project, crd)
    assert permits(project, make_object("v1", "Namespace", "velero"))
    assert not permits(project, make_object("v1", "Namespace", "data-platform"))
    assert not permits(project, make_object("v1", "Pod", "a", "data-platform"))


def test_each_application_is_in_a_project_that_permits_its_source_and_namespace() -> None:
    for name in list_profiles():
        plan = build_plan(GIT, name)
        projects = {each["metadata"]["name"]: each["spec"] for each in build_projects(plan)}
        for app in (build_root(plan), *build_applications(plan).values()):
            spec, project = app["spec"], projects[app["spec"]["project"]]
            assert spec["source"]["repoURL"] in project["sourceRepos"]
            spaces = [each["namespace"] for each in project["destinations"]]
            assert spec["destination"]["namespace"] in spaces
            if "CreateNamespace=true" in spec["syncPolicy"]["syncOptions"]:
                where = make_object("v1", "Namespace", spec["destination"]["namespace"])
                assert permits({"spec": project}, where)


def test_crds_come_before_operators_and_the_umbrella_comes_last() -> None:
    apps = build_applications(build_plan(GIT, "production"))
    wave = "argocd.argoproj.io/sync-wave"
    waves = {name: int(app["metadata"]["annotations"][wave]) for name, app in apps.items()}
    assert waves["kuberay-crds.yaml"] < waves["kuberay.yaml"] < waves["254carbon.yaml"] == 0
    assert "kuberay.yaml" not in build_applications(build_plan(GIT))
    assert apps["istio-crds.yaml"]["spec"]["source"]["targetRevision"] == "b943409680a7"
    for name, app in apps.items():
        assert "ServerSideApply=true" in app["spec"]["syncPolicy"]["syncOptions"]
        assert app["spec"]["syncPolicy"]["automated"]["prune"] is not name.endswith("-crds.yaml")


def test_a_retry_syncs_the_newest_commit_so_that_a_revert_heals() -> None:
    """Without the setting, Argo CD repeats the failed commit until the last retry has failed."""
    plan = build_plan(GIT, "production")
    for app in (build_root(plan), *build_applications(plan).values()):
        assert app["spec"]["syncPolicy"]["retry"]["refresh"] is True


def test_an_operator_that_the_cluster_has_is_left_out() -> None:
    plan = build_plan(GIT, "production", without=["velero", "istio"])
    assert not any(name.startswith(("velero", "istio")) for name in build_applications(plan))
    sources = find_project(plan, "254carbon-operators")["spec"]["sourceRepos"]
    assert not any("velero" in each or "istio" in each for each in sources)


def test_a_package_gets_the_values_in_the_application_and_git_gets_the_file(
    tmp_path: Path,
) -> None:
    own = tmp_path / "own.yaml"
    own.write_text("mlflow: {replicas: 3}\n", "utf-8")
    git = find_umbrella(build_plan(GIT, "production", [own]))["spec"]["source"]
    assert git["path"] == "umbrella"
    assert git["helm"]["valueFiles"] == ["../values/production.yaml"]
    assert git["helm"]["valuesObject"] == {"mlflow": {"replicas": 3}}
    package = find_umbrella(build_plan(PACKAGE, "production", [own], apps=GIT))["spec"]["source"]
    assert package["path"] == "."
    assert "valueFiles" not in package["helm"]
    assert package["helm"]["valuesObject"]["mlflow"]["replicas"] == 3
    assert package["helm"]["valuesObject"]["global"]["mesh"]["enabled"] is True


def test_what_the_autoscaler_and_kueue_write_is_ignored(tmp_path: Path) -> None:
    [ignored] = find_umbrella(build_plan(GIT, "production"))["spec"]["ignoreDifferences"]
    assert (ignored["kind"], ignored["name"]) == ("RayCluster", "ray-cluster")
    assert ".spec.workerGroupSpecs[]?.replicas" in ignored["jqPathExpressions"]
    assert ".spec.suspend" not in ignored["jqPathExpressions"]
    file = tmp_path / "queued.yaml"
    file.write_text(QUEUED, "utf-8")
    queued = find_umbrella(build_plan(GIT, QUICKSTART, [file]))
    [ignored] = queued["spec"]["ignoreDifferences"]
    assert ".spec.suspend" in ignored["jqPathExpressions"]
    assert "RespectIgnoreDifferences=true" in queued["spec"]["syncPolicy"]["syncOptions"]
    assert "ignoreDifferences" not in find_umbrella(build_plan(GIT))["spec"]


def test_the_namespace_enforces_the_standard_unless_a_mesh_adds_containers() -> None:
    def read_labels(profile: str) -> dict[str, str]:
        policy = find_umbrella(build_plan(GIT, profile))["spec"]["syncPolicy"]
        labels: dict[str, str] = policy["managedNamespaceMetadata"]["labels"]
        return labels

    assert read_labels(QUICKSTART) == {"pod-security.kubernetes.io/enforce": "restricted"}
    assert set(read_labels("production").values()) == {"restricted"}
    assert "pod-security.kubernetes.io/enforce" not in read_labels("production")


def test_the_examples_match_the_schemas_of_argo_cd() -> None:
    checked = 0
    for each in read_examples():
        file = CRDS / f"argoproj.io_{each['kind'].lower()}_v1alpha1.json"
        if each["kind"] != "ConfigMap":
            schema = json.loads(file.read_text("utf-8"))
            assert [e.message for e in Draft7Validator(schema).iter_errors(each)] == []
            checked += 1
    assert checked > 10


def test_the_root_application_reads_the_folder_of_the_applications() -> None:
    root = build_root(build_plan(PACKAGE, apps=GIT, path="clusters/a"))
    assert root["spec"]["source"] == {
        "repoURL": GIT.url,
        "targetRevision": "v1",
        "path": "clusters/a",
    }
    files = {str(path) for path in build_documents(build_plan(GIT))}
    assert files == {"settings.yaml", "projects.yaml", "root.yaml", "applications/254carbon.yaml"}


def test_every_custom_resource_of_the_charts_has_an_operator() -> None:
    groups = {group for each in read_operators() for group in each.groups}
    known = {path.name.partition("_")[0] for path in CRDS.glob("*.json")}
    assert known - groups == {"argoproj.io"}
    assert {each.module for each in read_operators()} <= set(read_versions())


def test_the_chart_of_kuberay_has_the_version_of_its_crds() -> None:
    [kuberay] = [each for each in read_operators() if each.name == "kuberay"]
    assert kuberay.chart
    assert f"v{kuberay.chart.version}" == kuberay.revision


def test_a_plan_with_the_values_of_another_namespace_has_its_rights() -> None:
    plan = build_plan(GIT, namespace="ml")
    spaces: list[dict[str, Any]] = find_project(plan, "254carbon")["spec"]["destinations"]
    assert [each["namespace"] for each in spaces] == ["ml"]
    assert yaml.safe_dump(find_umbrella(plan)).count("namespace: ml") == 1
