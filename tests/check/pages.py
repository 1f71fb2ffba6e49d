"""Rendered objects, and the findings about a Markdown page that names some of them."""

from pathlib import Path

import yaml

from carbon.check.render.objects import RenderedObject
from carbon.check.texts.objects.check import check_objects
from carbon.check.texts.objects.rendered import Rendered, describe_object

BODIES = """
kind: StatefulSet
metadata: {name: redis, labels: {app: redis}}
spec:
  volumeClaimTemplates: [{metadata: {name: data}}]
  template:
    metadata: {labels: {app: redis, role: store}}
    spec:
      initContainers: [{name: rebuild}]
      containers: [{name: redis, env: [{valueFrom: {secretKeyRef: {name: redis-password}}}]}]
---
kind: Deployment
metadata: {name: mlflow, labels: {app: mlflow}}
spec: {template: {metadata: {labels: {app: mlflow}}, spec: {containers: [{name: server}]}}}
---
kind: Service
metadata: {name: mlflow}
spec: {ports: [{name: http, port: 5000}]}
---
kind: CronJob
metadata: {name: drill, namespace: restores}
spec: {jobTemplate: {spec: {template: {spec: {containers: [{name: drill}]}}}}}
---
kind: ConfigMap
metadata: {name: data-platform-device-plugin}
---
kind: RayCluster
metadata: {name: ray}
---
kind: Job
metadata: {name: buckets-0a1b2c3d, labels: {app: buckets}}
spec: {template: {metadata: {labels: {app: buckets}}, spec: {containers: [{name: buckets}]}}}
"""
RENDERED = Rendered([describe_object(RenderedObject(body)) for body in yaml.safe_load_all(BODIES)])


def find_wrong(root: Path, text: str, rule: str) -> list[tuple[int, str]]:
    """Return the line of each finding about a page, and what is wrong."""
    (root / "page.md").write_text(text)
    findings = check_objects(root, RENDERED)
    assert {(each.rule, each.file) for each in findings} <= {(rule, "page.md")}
    return [(each.line, each.what) for each in findings]
