{{- /*
ray.owned renders, as YAML for common.ownedChecks, the environment variables and rayStartParams that users must not set
because the chart or KubeRay sets them: for each path in the values, a map from regular expressions of names to the
value to set instead. KubeRay's variables are those of controllers/ray/utils/constant.go (1.6.2). Takes the root
context.
*/}}
{{- define "ray.owned" }}
  {{- $env := include "ray.owned.env" . | fromYaml }}
  {{- $paths := list "extraEnv" "head.extraEnv" "workers.extraEnv" "autoscaling.extraEnv" }}
  {{- range $group, $_ := .Values.workerGroups }}
    {{- $paths = append $paths (printf "workerGroups.%s.extraEnv" $group) }}
  {{- end }}
  {{- range $service, $values := .Values.services }}
    {{- range $group, $_ := $values.workerGroups }}
      {{- $paths = append $paths (printf "services.%s.workerGroups.%s.extraEnv" $service $group) }}
    {{- end }}
  {{- end }}
  {{- $owned := dict "head.rayStartParams" (dict "redis-(password|username)" "global.redis.existingSecret") }}
  {{- range $paths }}
    {{- $_ := set $owned . $env }}
  {{- end }}
  {{- toYaml $owned }}
{{- end }}

{{- define "ray.owned.env" -}}
RAY_REDIS_ADDRESS|REDIS_PASSWORD|REDIS_USERNAME: global.redis and gcsFaultTolerance
RAY_external_storage_namespace: gcsFaultTolerance.storageNamespace
RAY_enable_autoscaler_v2: autoscaling.enabled and autoscaling.version
(AUTOSCALER|DASHBOARD)_METRIC_PORT: global.ray.ports
(FQ_)?RAY_IP|RAY_PORT|RAY_ADDRESS|RAY_(CLUSTER_NAME|CLUSTER_NAMESPACE|CLOUD_INSTANCE_ID|NODE_TYPE_NAME): ""
KUBERAY_GEN_RAY_START_CMD: ""
{{- if .Values.auth.enabled }}
RAY_AUTH_(MODE|TOKEN|TOKEN_PATH): auth
{{- end }}
{{- if .Values.global.monitoring.prometheus.url }}
RAY_PROMETHEUS_HOST: global.monitoring.prometheus.url
{{- end }}
{{- if or .Values.global.monitoring.prometheus.url .Values.global.monitoring.grafana.url }}
RAY_GRAFANA_(HOST|IFRAME_HOST|ORG_ID)|RAY_PROMETHEUS_NAME: global.monitoring.grafana
{{- end }}
{{- if .Values.global.monitoring.traces.endpoint }}
{{ include "common.owned.traces" . }}
RAY_SERVE_TRACING_EXPORTER_IMPORT_PATH: global.monitoring.traces.endpoint
{{- end }}
{{- end }}
