"""Identities: names under which one workload stores state, elects a leader or shares work."""

import re
from collections import defaultdict
from collections.abc import Iterator

from carbon.check.findings import Violation, rule
from carbon.check.render.objects import RenderedChart, RenderedObject
from carbon.check.trees import iterate_maps, iterate_texts

IDENTITIES = {
    # A field and an annotation of KubeRay (raycluster_types.go, utils/constant.go of 1.6.2) and a
    # variable of Ray (ray_config_def.h): the prefix of a cluster's keys in Redis, which KubeRay
    # deletes with the RayCluster.
    "storage of Ray's state": (
        r"externalStorageNamespace|ray\.io/external-storage-namespace"
        r"|RAY_external_storage_namespace"
    ),
    # Options of client-go's users: controller-runtime, kube-scheduler, external-provisioner.
    "leader election": r"leader-elect(ion)?-(id|lock-name|resource-name)|LEADER_ELECTION_(ID|NAME)",
    # Kafka's consumers (ConsumerConfig.GROUP_ID_CONFIG) divide the messages of a group.
    "consumer group": r"group\.id|consumer-group|(KAFKA_)?(CONSUMER_)?GROUP_ID|CONSUMER_GROUP",
    # Velero takes each folder in the bucket for its own backups (object_store_layout.go).
    "folder of backups": r"folder",
}
"""Patterns for names of fields, annotations, variables and options, by what they identify."""
OPTION = re.compile(r"--?([\w.-]+)=(.+)")


@rule("retention/identity", "Give each object a value of its own, or leave the field out.")
def check_identities(chart: RenderedChart) -> Iterator[Violation]:
    """No two objects have the same identity, by which one would load or erase data of the other."""
    owners: dict[tuple[str, str], dict[str, tuple[RenderedObject, str]]] = defaultdict(dict)
    for obj in chart.objects:
        for name, value in _list_settings(obj):
            for what, pattern in IDENTITIES.items():
                if value and re.fullmatch(pattern, name):
                    owners[what, value].setdefault(obj.workload, (obj, name))
    for (what, value), objects in owners.items():
        first, *others = objects
        for other in others:
            obj, name = objects[other]
            wrong = f"{other} and {first} have the same {what}: {value}"
            yield Violation(obj, (name,), wrong)


def _list_settings(obj: RenderedObject) -> Iterator[tuple[str, str]]:
    """Yield the names and values of fields, annotations, variables and options of an object."""
    for each in iterate_maps(obj.body):
        if isinstance(each.get("name"), str) and isinstance(each.get("value"), str):
            yield each["name"], each["value"]
        yield from ((key, value) for key, value in each.items() if isinstance(value, str))
    for text in iterate_texts(obj.body):
        if option := OPTION.fullmatch(text):
            yield option[1], option[2]
    if obj.kind == "BackupStorageLocation":
        store, config = obj.spec.get("objectStorage") or {}, obj.spec.get("config") or {}
        server = config.get("s3Url") or config.get("region") or obj.spec.get("provider")
        yield "folder", f"{server}: {store.get('bucket')}/{store.get('prefix', '')}"
