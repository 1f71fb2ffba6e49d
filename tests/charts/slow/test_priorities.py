"""The servers of the profile `production` have a higher priority than pods that people start."""

from tests.charts.cases import list_pods, profile

from carbon.charts.render import render_objects


def is_server(owner: str, names: set[str]) -> bool:
    """Return whether a workload is a server; Ray's workers and the vector addition are none."""
    running = owner.startswith(("Deployment/", "StatefulSet/", "RayCluster/"))
    return running and "vector-add" not in owner and "ray-worker" not in names


def test_no_class_of_production_preempts_and_each_server_has_the_highest() -> None:
    objects = list(render_objects(profile("production")))
    classes = {
        each["metadata"]["name"]: each["value"]
        for each in objects
        if each["kind"] == "PriorityClass"
        if each["preemptionPolicy"] == "Never"
    }
    assert len(classes) == sum(each["kind"] == "PriorityClass" for each in objects)
    servers = {
        owner: pod["spec"].get("priorityClassName", "")
        for owner, pod in list_pods(objects)
        if is_server(owner, {each["name"] for each in pod["spec"]["containers"]})
    }
    assert {"Deployment/mlflow", "Deployment/feast-server", "RayCluster/ray-cluster"} <= {*servers}
    highest = max(classes, key=lambda name: classes[name])
    assert {owner for owner, name in servers.items() if name != highest} == set()
