{{- /*
ray.owned renders, as YAML for common.ownedChecks, the environment variables and rayStartParams that users must not set
because the chart or KubeRay sets them: for each path in the values, a map from regular expressions of names to the
value to set instead. KubeRay's variables are those of controllers/ray/utils/constant.go (1.6.2), rayStartParams the
options of `ray start` (ray/scripts/scripts.py of Ray 2.60.0). Takes the root context.
*/}}
{{- define "ray.owned" }}
  {{- $nodes := list "head" "workers" }}
  {{- range $group, $_ := .Values.workerGroups }}
    {{- $nodes = append $nodes (printf "workerGroups.%s" $group) }}
  {{- end }}
  {{- range $service, $values := .Values.services }}
    {{- range $group, $_ := $values.workerGroups }}
      {{- $nodes = append $nodes (printf "services.%s.workerGroups.%s" $service $group) }}
    {{- end }}
  {{- end }}
  {{- $env := include "ray.owned.env" . | fromYaml }}
  {{- $owned := dict "extraEnv" $env "autoscaling.extraEnv" $env }}
  {{- range $nodes }}
    {{- $_ := set $owned (printf "%s.extraEnv" .) $env }}
    {{- $_ := set $owned (printf "%s.rayStartParams" .) (include "ray.owned.options" . | fromYaml) }}
  {{- end }}
  {{- toYaml $owned }}
{{- end }}

{{- define "ray.owned.options" -}}
head|block|address|node-ip-address: ""
(.+-)?ports?|worker-port-list: global.ray.ports
redis-(password|username): global.redis.existingSecret
labels: rayLabels
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
