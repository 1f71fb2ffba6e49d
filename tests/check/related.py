"""Mutations of what one object says about others, and of the platform's own promises."""

from tests.check.drawn import COMMON, DATA, MLFLOW, environment, extra
from tests.check.mutation import Mutation

TABLE = "schemas/components.yaml"
CRON = f"{MLFLOW}garbage-collection/cronjob.yaml"
RBAC = "rbac.authorization.k8s.io/v1"

SECRETS = (
    extra("secrets/object", "Secret", "mlflow-secret"),
    environment("secrets/environment", "{name: DB_PASSWORD, value: hunter2}"),
    Mutation(
        "secrets/argument",
        f"{MLFLOW}_server.tpl",
        "- --port=5000",
        "- --port=5000\n- --admin-password=hunter2",
    ),
    extra("secrets/uri", "ConfigMap", "mlflow-uri", "data: {a: 'postgresql://u:p@host/db'}"),
    environment(
        "secrets/contract",
        "{name: STRAY, valueFrom: {secretKeyRef: {name: stray, key: of-nobody}}}",
    ),
)

ROLES = (
    Mutation("rbac/wildcard", f"{DATA}credentials/role.yaml", "verbs: [create]", 'verbs: ["*"]'),
    Mutation(
        "rbac/secrets", f"{DATA}credentials/role.yaml", "verbs: [create]", "verbs: [create, list]"
    ),
    extra(
        "rbac/gaining",
        "Role",
        "mlflow-role",
        f"rules: [{{apiGroups: [{RBAC[:-3]}], resources: [roles], verbs: [escalate]}}]",
        RBAC,
    ),
    Mutation(
        "rbac/bound",
        f"{DATA}credentials/rolebinding.yaml",
        '"name" (include "common.name" $me)',
        '"name" "nobody"',
    ),
    Mutation(
        "rbac/bound",
        f"{DATA}credentials/rolebinding.yaml",
        '(include "common.serviceAccountName" $me)',
        '"nobody"',
    ),
    Mutation(
        "rbac/admin",
        f"{DATA}credentials/rolebinding.yaml",
        '"kind" "Role"\n      "name" (include "common.name" $me)',
        '"kind" "ClusterRole"\n      "name" "cluster-admin"',
    ),
)

OBJECTS = (
    extra("objects/hooks", "ConfigMap", "mlflow-x", notes='"helm.sh/hook" "pre-install"'),
    extra("objects/argo", "ConfigMap", "mlflow-x", notes='"argocd.argoproj.io/hook" "Sync"'),
    extra("objects/foreign", "Namespace", "mlflow-x"),
    extra("objects/server-side", "ConfigMap", "mlflow-x", "  resourceVersion: '1'"),
    extra("objects/annotations", "ConfigMap", "mlflow-x", notes='"example.io/n" 3'),
    Mutation(
        "objects/claims",
        f"{DATA}redis/statefulset.yaml",
        "  persistentVolumeClaimRetentionPolicy:\n"
        "    {{- toYaml .persistence.retention | nindent 4 }}\n",
        "",
    ),
)

JOBS = (
    Mutation("jobs/ttl", f"{COMMON}_jobs.tpl", "spec:", "spec:\n  ttlSecondsAfterFinished: 60"),
    Mutation("jobs/named", f"{COMMON}_jobs.tpl", '"%s-%s"', '"%s%.0s"'),
    Mutation("jobs/overlap", CRON, "concurrencyPolicy: Forbid\n", "suspend: false\n", "full"),
    Mutation("jobs/late", CRON, "  startingDeadlineSeconds: 3600\n", "", "full"),
    Mutation("jobs/ends", CRON, "activeDeadlineSeconds: {{", "parallelism: 1 # {{", "full"),
    Mutation(
        "jobs/sidecar",
        f"{COMMON}_metadata.tpl",
        '"sidecar.istio.io/nativeSidecar" "true"',
        '"sidecar.istio.io/nativeSidecar" "false"',
        "full",
    ),
    Mutation(
        "jobs/restarts",
        f"{DATA}credentials/job.yaml",
        "restartPolicy: OnFailure",
        "restartPolicy: Always",
    ),
)

ROUTES = (
    Mutation(
        "routes/target", f"{MLFLOW}server/service.yaml", "targetPort: http", "targetPort: web"
    ),
    Mutation("routes/protocol", f"{MLFLOW}server/service.yaml", "      appProtocol: http\n", ""),
    Mutation("routes/probe", f"{MLFLOW}_server.tpl", '"port" "http" }}', '"port" "web" }}'),
    Mutation(
        "routes/backend",
        f"{COMMON}_routes.tpl",
        "name: {{ $route.service }}",
        "name: other",
        "full",
    ),
    Mutation("routes/backend", f"{COMMON}_routes.tpl", "port: {{ .port }}", "port: 5001", "full"),
    Mutation(
        "routes/backend",
        "charts/ray-cluster/templates/routes/ingress.yaml",
        '"portName" "dashboard"',
        '"portName" "dashbord"',
        "full",
    ),
    Mutation(
        "routes/headless",
        f"{DATA}redis/statefulset.yaml",
        'serviceName: {{ include "common.name" $me }}',
        "serviceName: other",
    ),
    Mutation(
        "routes/scale",
        f"{COMMON}_scaling.tpl",
        'name: {{ .name | default (include "common.name" .) }}\n  {{- with .values.autoscaling',
        "name: other\n  {{- with .values.autoscaling",
        "full",
    ),
)

REFERENCES = (
    Mutation(
        "references/account",
        f"{COMMON}_pods.tpl",
        'serviceAccountName: {{ include "common.serviceAccountName" . | quote }}',
        "serviceAccountName: other",
    ),
    Mutation(
        "references/configmap",
        f"{DATA}redis/statefulset.yaml",
        'configMap:\n            name: {{ include "common.name" $me }}',
        "configMap:\n            name: other",
    ),
    environment(
        "references/configmap-key",
        "{name: A, valueFrom: {configMapKeyRef: {name: mlflow-test, key: none}}}",
    ),
    Mutation(
        "references/mount",
        f"{DATA}redis/statefulset.yaml",
        "volumeMounts:",
        "volumeMounts:\n            - {name: nothing, mountPath: /nothing}",
    ),
    Mutation(
        "references/volume",
        f"{DATA}redis/statefulset.yaml",
        "volumes:",
        "volumes:\n        - {name: idle, emptyDir: {}}",
    ),
    Mutation(
        "references/subpath",
        f"{DATA}redis/statefulset.yaml",
        "mountPath: /etc/redis",
        "mountPath: /etc/redis\n              subPath: none.conf",
    ),
    Mutation(
        "references/claim",
        f"{MLFLOW}_artifacts.tpl",
        'claimName: {{ include "mlflow.artifacts.claim" $ }}',
        "claimName: other",
        "file",
    ),
)

PLATFORM = (
    Mutation("components/listed", TABLE, "  Pod/mlflow-test: {app: mlflow-test}\n", ""),
    Mutation(
        "components/rendered", TABLE, "mlflow:\n", "mlflow:\n  Deployment/ghost: {app: ghost}\n"
    ),
    Mutation(
        "components/app",
        f"{COMMON}_labels.tpl",
        'app: {{ .label | default (include "common.name" .) }}',
        "app: x",
    ),
    Mutation("components/token", f"{DATA}credentials/job.yaml", '"token" true', '"token" false'),
    Mutation("components/services", f"{MLFLOW}server/service.yaml", "port: 5000", "port: 5001"),
    Mutation(
        "quickstart/capacity",
        "umbrella/values.yaml",
        "requests: {cpu: 100m, memory: 512Mi}",
        'requests: {cpu: "1", memory: 512Mi}',
        chart="umbrella",
    ),
    Mutation(
        "quickstart/secrets",
        f"{DATA}_credentials.tpl",
        ".existingSecret.keys.password (dict",
        '"other" (dict',
        chart="umbrella",
    ),
)
