"""Mutations that show in a chart's own files, or in what programs say of them."""

from hashlib import sha256

from tests.check.drawn import COMMON, DATA, MLFLOW, extra
from tests.check.mutation import Mutation

CHART = "charts/mlflow/"
NOISE = "".join(sha256(bytes([i % 256, i // 256])).hexdigest() for i in range(2**14))
"""A megabyte that can't be compressed to less than half."""

TEMPLATES = (
    Mutation(
        "templates/pure",
        f"{MLFLOW}_server.tpl",
        "- --port=5000",
        '- --port=5000{{ lookup "v1" "Secret" "a" "b" }}',
    ),
    Mutation("templates/pure", f"{MLFLOW}_server.tpl", "- --port=5000", "- {{ now | date 1 }}"),
    Mutation(
        "templates/stateless",
        f"{MLFLOW}_server.tpl",
        "- --port=5000",
        "- --port=5000{{ if .Release.IsInstall }}{{ end }}",
    ),
    Mutation(
        "values/declared", f"{MLFLOW}_server.tpl", "- --port=5000", "- {{ .Values.server.port }}"
    ),
    Mutation(
        "values/declared",
        f"{COMMON}_images.tpl",
        ".ctx.Values.global.images.registry",
        ".ctx.Values.global.mirror | default .ctx.Values.global.images.registry",
    ),
    Mutation("values/read", f"{CHART}values.yaml", "replicas: 2", "replicas: 2\nidle: 3"),
    Mutation(
        "values/read",
        f"{MLFLOW}garbage-collection/cronjob.yaml",
        "{{ .Values.garbageCollection.olderThan }}",
        "30d",
    ),
)

SCHEMAS = (
    Mutation("schema/defaults", f"{CHART}values.yaml", "replicas: 2", "replicas: many"),
    Mutation("schema/defaults", f"{CHART}values.yaml", "replicas: 2", "replicsa: 2"),
    Mutation(
        "schema/described",
        f"{CHART}values.schema.yaml",
        "properties:\n",
        "properties:\n  extra: {type: string}\n",
    ),
    Mutation(
        "schema/strict",
        f"{CHART}values.schema.json",
        '"additionalProperties": false\n}\n',
        '"additionalProperties": true\n}\n',
    ),
    Mutation(
        "schema/examples",
        f"{CHART}values.schema.json",
        '"properties": {',
        '"properties": {"extra": {"type": "string", "examples": [1]},',
    ),
)

RENDERS = (
    Mutation("render/accepted", f"{MLFLOW}server/service.yaml", "port: 5000", "port: {{ fail 1 }}"),
    Mutation("render/accepted", f"{MLFLOW}server/service.yaml", "port: 5000", "port: [5000"),
    extra("render/identical", "ConfigMap", "mlflow-x", "data: {a: '{{ .Release.IsUpgrade }}'}"),
    extra(
        "render/identical", "ConfigMap", "mlflow-x", "data: {a: '{{ .Capabilities.KubeVersion }}'}"
    ),
    extra(
        "render/helms",
        "ConfigMap",
        "mlflow-x",
        "data: {a: '{{ .Capabilities.HelmVersion.Version }}'}",
    ),
    Mutation(
        "render/refuses",
        f"{COMMON}_checks.tpl",
        "if not (.ctx.Capabilities.APIVersions.Has .api)",
        "if false",
        values="full",
    ),
    Mutation(
        "values/valid", f"{CHART}ci/single-values.yaml", "replicas: 1", "replicsa: 1", "single"
    ),
    Mutation("release/size", f"{CHART}files/large.txt", "", NOISE),
)

OBJECTS = (
    Mutation(
        "kubernetes/valid", f"{MLFLOW}server/service.yaml", "  ports:", "  publish: true\n  ports:"
    ),
    extra("kubernetes/valid", "Mystery", "mlflow-x", api="example.io/v1"),
    extra("kubernetes/valid", "Deployment", "mlflow-x", api="extensions/v1beta1"),
    extra("yaml/tidy", "ConfigMap", "mlflow-x", "data: {a: b}\ndata: {a: c}"),
)

SUITES = (
    Mutation(
        "suites/helm-unittest",
        f"{DATA}redis/statefulset.yaml",
        "{{- toYaml .persistence.retention | nindent 4 }}",
        "whenDeleted: Delete",
    ),
    Mutation("suites/promtool", f"{CHART}alerts/mlflow.yaml", "> 0.05", "> 0.5"),
    Mutation("suites/promtool", f"{CHART}alerts/mlflow.yaml", "absent(up", "absent(sum(up"),
    Mutation("schema/current", f"{CHART}README.md", "", "More."),
    Mutation("suites/ct-lint", f"{CHART}Chart.yaml", "version: 0.1.0", "version: one"),
)
