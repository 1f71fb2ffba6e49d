"""Mutations that show in what is drawn."""

from tests.check.mutation import Mutation

COMMON = "charts/common/templates/"
DATA = "charts/data-services/templates/"
MLFLOW = "charts/mlflow/templates/"
SERVER = f"{MLFLOW}server/deployment.yaml"
OTHER = 'include "common.selector" (merge (dict "component" "other") $me)'


def extra(
    rule: str, kind: str, name: str, more: str = "", api: str = "v1", notes: str = ""
) -> Mutation:
    """Another object in the chart mlflow, faultless but for what the mutation is about."""
    given = f'"name" "{name}"' + (f' "annotations" (dict {notes})' if notes else "")
    text = f"""
{{{{- $me := dict "ctx" $ "app" "mlflow" "component" "extra" }}}}
apiVersion: {api}
kind: {kind}
metadata:
  {{{{- include "common.metadata" (merge (dict {given}) $me) | nindent 2 }}}}
{more}
"""
    return Mutation(rule, f"{MLFLOW}extra/object.yaml", "", text)


def environment(rule: str, entry: str) -> Mutation:
    """Another variable in the server's environment."""
    first = '"extra" .Values.extraEnv) | nindent 12 }}'
    return Mutation(rule, SERVER, first, f"{first}\n            - {entry}")


NAMES = (
    extra("names/valid", "ConfigMap", "Bad_Name"),
    extra("names/valid", "ConfigMap", "a" * 64),
    extra("names/unique", "ConfigMap", "mlflow-test"),
    extra("names/service", "Service", "9lives", "spec: {ports: [{port: 1, appProtocol: tcp}]}"),
    Mutation(
        "names/labels",
        f"{COMMON}_labels.tpl",
        "managed-by: {{ .ctx.Release.Service }}",
        "managed-by: {{ .ctx.Release.Service }} itself",
    ),
    Mutation(
        "names/labels",
        f"{COMMON}_labels.tpl",
        "managed-by: {{ .ctx.Release.Service }}",
        "managed-by: {{ .ctx.Release.Service }}\nrelease: {{ .ctx.Release.Name }}",
        hostile=True,
    ),
    Mutation(
        "names/release",
        f"{MLFLOW}test/configmap.yaml",
        '"component" "test" }}',
        '"component" "test" "name" (print .Release.Name "-test") }}',
        hostile=True,
    ),
)

LABELS = (
    Mutation(
        "labels/object", f"{COMMON}_labels.tpl", "managed-by: {{ .ctx.Release.Service }}", "x: y"
    ),
    Mutation("labels/instance", f"{COMMON}_labels.tpl", "{{ .ctx.Release.Name | quote }}", "fixed"),
    Mutation("labels/namespace", f"{COMMON}_metadata.tpl", "namespace: {{", "# {{"),
    Mutation(
        "labels/pod",
        f"{COMMON}_metadata.tpl",
        '{{- $own := include "common.podLabels" . | fromYaml }}',
        '{{- $own := omit (include "common.podLabels" . | fromYaml) "app" }}',
        chart="data-services",
        values="full",
    ),
    Mutation(
        "labels/version-free",
        f"{COMMON}_metadata.tpl",
        "{{- with .checksum }}",
        '{{- $_ := set $own "helm.sh/chart" "mlflow-1" }}\n  {{- with .checksum }}',
    ),
)

SELECTORS = (
    Mutation(
        "selectors/stable",
        f"{COMMON}_labels.tpl",
        'component: {{ .component | default "server" }}',
        'component: {{ .component | default "server" }}\ntier: one',
    ),
    Mutation("selectors/own-pods", SERVER, 'include "common.selector" $me', OTHER),
    Mutation(
        "selectors/service",
        f"{MLFLOW}server/service.yaml",
        'include "common.selector" $me',
        OTHER,
        values="full",
    ),
    Mutation(
        "selectors/budget",
        f"{COMMON}_scaling.tpl",
        'include "common.selector" .',
        'include "common.selector" (merge (dict "component" "other") .)',
    ),
    Mutation(
        "selectors/spread",
        f"{COMMON}_spread.tpl",
        'include "common.selector" .',
        'include "common.selector" (merge (dict "component" "other") .)',
    ),
    Mutation(
        "selectors/monitor", f"{COMMON}_monitors.tpl", "- port: {{ . }}", "- port: x", values="full"
    ),
    Mutation(
        "selectors/monitor",
        f"{COMMON}_monitors.tpl",
        '(include "common.selector" .)',
        '(include "common.selector" (merge (dict "component" "other") .))',
        values="full",
    ),
)

PODS = (
    Mutation(
        "pods/requests",
        f"{COMMON}_containers.tpl",
        "toYaml .resources",
        'toYaml (omit .resources "requests")',
    ),
    Mutation(
        "pods/limits",
        f"{COMMON}_containers.tpl",
        "toYaml .resources",
        'toYaml (omit .resources "limits")',
    ),
    Mutation("pods/image", f"{COMMON}_images.tpl", '(printf ":%s" .image.tag)', '":latest"'),
    Mutation("pods/image", f"{COMMON}_images.tpl", '"%s/%s%s" $registry', '"%.0s%s%s" $registry'),
    Mutation(
        "pods/probes",
        f"{COMMON}_probes.tpl",
        "$handler := .handlers",
        '$handler := omit .handlers "liveness"',
    ),
    Mutation(
        "pods/command",
        SERVER,
        'command:\n            {{- include "mlflow.command" .',
        'args:\n            {{- include "mlflow.command" .',
    ),
    environment(
        "pods/merge-keys", "{name: AGAIN, value: a}\n            - {name: AGAIN, value: b}"
    ),
    Mutation("pods/scaled", SERVER, "if not .Values.autoscaling.enabled", "if true", values="full"),
    Mutation(
        "pods/drain",
        f"{COMMON}_scaling.tpl",
        "{{ .values.podDisruptionBudget.maxUnavailable }}",
        "0",
    ),
)

SECURITY = (
    Mutation(
        "security/host",
        f"{COMMON}_pods.tpl",
        "enableServiceLinks: false",
        "enableServiceLinks: false\nhostPID: true",
    ),
    Mutation(
        "security/non-root", f"{COMMON}_security.tpl", '"runAsNonRoot" true', '"runAsNonRoot" false'
    ),
    Mutation("security/seccomp", f"{COMMON}_security.tpl", '"RuntimeDefault"', '"Unconfined"'),
    Mutation(
        "security/escalation",
        f"{COMMON}_security.tpl",
        "allowPrivilegeEscalation: false",
        "allowPrivilegeEscalation: true",
    ),
    Mutation(
        "security/read-only",
        f"{COMMON}_security.tpl",
        "readOnlyRootFilesystem: true",
        "readOnlyRootFilesystem: false",
    ),
    Mutation("security/capabilities", f"{COMMON}_security.tpl", "- ALL", "- NET_RAW"),
    Mutation(
        "security/capabilities",
        f"{COMMON}_security.tpl",
        "drop:\n    - ALL",
        "drop:\n    - ALL\n  add: [NET_ADMIN]",
    ),
    Mutation(
        "security/privileged",
        f"{COMMON}_security.tpl",
        "readOnlyRootFilesystem: true",
        "readOnlyRootFilesystem: true\nprivileged: true",
    ),
    Mutation(
        "security/volumes",
        f"{DATA}postgresql/statefulset.yaml",
        "- name: socket\n          emptyDir: {}",
        "- name: socket\n          hostPath: {path: /run}",
    ),
    Mutation(
        "security/host-port",
        SERVER,
        "containerPort: 5000",
        "containerPort: 5000\n              hostPort: 5000",
    ),
    Mutation(
        "security/sysctls",
        f"{COMMON}_security.tpl",
        '"runAsNonRoot" true',
        '"runAsNonRoot" true "sysctls" (list (dict "name" "kernel.msgmax" "value" "1"))',
    ),
    Mutation(
        "security/probe-host",
        f"{MLFLOW}_server.tpl",
        '"port" "http" }}',
        '"port" "http" "host" "example.org" }}',
    ),
    Mutation(
        "tokens/account",
        f"{COMMON}_pods.tpl",
        'serviceAccountName: {{ include "common.serviceAccountName" . | quote }}\n',
        "",
    ),
    Mutation(
        "tokens/mounted",
        f"{COMMON}_pods.tpl",
        "automountServiceAccountToken: {{ .token | default false }}\n",
        "",
    ),
    Mutation(
        "tokens/by-account",
        f"{COMMON}_serviceaccounts.tpl",
        "automountServiceAccountToken: false",
        "automountServiceAccountToken: true",
    ),
    Mutation(
        "tokens/service-links",
        f"{COMMON}_pods.tpl",
        "enableServiceLinks: false",
        "enableServiceLinks: true",
    ),
)
