"""The group of volumes: a container that is not root can write to its claims."""

from collections.abc import Iterator

from carbon.charts.render import Object, containers
from carbon.check.findings import Violation, rule
from carbon.check.render.objects import RenderedChart, RenderedObject


@rule("volumes/group", "Set securityContext.fsGroup of the pod to the group of the program.", True)
def check_group(chart: RenderedChart) -> Iterator[Violation]:
    """A pod sets fsGroup, the group of the files, if it writes to a claim and not as root."""
    for obj, pod in chart.pods():
        context = pod["spec"].get("securityContext") or {}
        if context.get("fsGroup") is not None:
            continue
        claims = _list_claims(obj, pod)
        for each in containers(pod):
            user = (each.get("securityContext") or {}).get("runAsUser", context.get("runAsUser"))
            written = sorted(
                str(mount.get("name"))
                for mount in each.get("volumeMounts") or []
                if mount.get("name") in claims and not mount.get("readOnly")
            )
            if written and user != 0:
                wrong = f"{obj.identity}: {each.get('name')} writes to the volume {written[0]}"
                what = f"{wrong} although the pod sets no fsGroup"
                yield Violation(obj, ("spec", "securityContext"), what)
                break


def _list_claims(obj: RenderedObject, pod: Object) -> set[object]:
    """Return the names of a pod's volumes that are writable PersistentVolumeClaims."""
    templates = obj.spec.get("volumeClaimTemplates") or []
    claims = {(each.get("metadata") or {}).get("name") for each in templates}
    for volume in pod["spec"].get("volumes") or []:
        claim = volume.get("persistentVolumeClaim") or {}
        if volume.get("ephemeral") or (claim and not claim.get("readOnly")):
            claims.add(volume.get("name"))
    return claims
