{{- /*
Environment variables of Ray's containers, as YAML lists.
  ray.env            variables of a node; entries of extraEnv replace entries of the chart
  ray.nodeEnv        the chart's variables of a node
  ray.storageEnv     variables by which the head stores the state of the Global Control Service (GCS) in Redis,
                     in mode standalone; KubeRay sets them in mode kuberay
  ray.storageName    prefix of the keys in Redis, which separates the state of several clusters
  ray.redisAddress   address of Redis
  ray.tokenEnv       variables for token authentication, in mode standalone; KubeRay sets them in mode kuberay
*/}}
{{- define "ray.env" }}
  {{- include "common.need" (list "ray.env" . "ctx" "node" "role") }}
  {{- include "common.env" (dict
        "env" (include "ray.nodeEnv" .)
        "extra" (concat .ctx.Values.extraEnv .node.extraEnv)) }}
{{- end }}

{{- define "ray.nodeEnv" }}
  {{- $values := .ctx.Values -}}
- name: HOME
  value: /tmp
- name: RAY_USAGE_STATS_ENABLED
  value: "0"
  {{- include "common.caBundleEnv" (dict "ctx" .ctx "folder" "/etc/ssl/bundle") }}
- name: RAY_SERVE_DEFAULT_HTTP_HOST
  value: 0.0.0.0
{{- /* Seconds until a starting node fails. Ray's default of 30 is too short for a busy machine. */}}
- name: RAY_raylet_start_wait_time_s
  value: "180"
  {{- if eq .role "head" }}
{{- /* The head forks a process for each ray:// client. gRPC's fork handlers crash some of these
processes with "Starting Ray client server failed" (ray-project/ray#63202). */}}
- name: GRPC_ENABLE_FORK_SUPPORT
  value: "0"
- name: AUTOSCALER_METRIC_PORT
  value: {{ $values.global.ray.ports.autoscalerMetrics | quote }}
- name: DASHBOARD_METRIC_PORT
  value: {{ $values.global.ray.ports.dashboardMetrics | quote }}
    {{- if and $values.autoscaling.enabled (eq $values.autoscaling.version "v1") }}
- name: RAY_enable_autoscaler_v2
  value: "0"
    {{- end }}
  {{- end }}
  {{- if eq $values.mode "standalone" }}
- name: RAY_ADDRESS
  value: {{ eq .role "head" | ternary "127.0.0.1" (include "ray.headHost" .ctx) }}:{{ $values.global.ray.ports.gcs }}
    {{- if $values.auth.enabled }}
{{ include "ray.tokenEnv" .ctx }}
    {{- end }}
  {{- end }}
  {{- if $values.gcsFaultTolerance.enabled }}
    {{- if eq .role "worker" }}
- name: RAY_gcs_rpc_server_reconnect_timeout_s
  value: {{ $values.gcsFaultTolerance.reconnectSeconds | quote }}
    {{- else if eq $values.mode "standalone" }}
{{ include "ray.storageEnv" .ctx }}
    {{- end }}
    {{- $own := ($values.global.redis.tls.existingSecret).name }}
    {{- if and (eq .role "head") (or $own (ne $values.global.redis.tls.mode "disable")) }}
{{- /* Ray verifies Redis in every mode of TLS, and trusts no certificate without this variable. */}}
      {{- $file := "certs/ca-certificates.crt" }}
      {{- if ($values.caBundle.existingSecret).name }}
        {{- $file = "bundle/ca.crt" }}
      {{- end }}
- name: RAY_REDIS_CA_CERT
  value: /etc/ssl/{{ $own | empty | ternary $file "redis/ca.crt" }}
    {{- end }}
  {{- end }}
  {{- with include "ray.dashboardEnv" . }}
{{ . }}
  {{- end }}
  {{- with include "ray.tracesEnv" .ctx }}
{{ . }}
  {{- end }}
{{- end }}

{{- define "ray.storageEnv" -}}
- name: RAY_REDIS_ADDRESS
  value: {{ include "ray.redisAddress" . | quote }}
- name: RAY_external_storage_namespace
  value: {{ include "ray.storageName" . | quote }}
  {{- $secret := .Values.global.redis.existingSecret }}
  {{- $user := $secret.keys.username | empty | ternary dict (dict "REDIS_USERNAME" "username") }}
  {{- include "common.secretEnv" (dict
        "secret" $secret
        "env" (merge (dict "REDIS_PASSWORD" "password") $user)) | nindent 0 }}
{{- end }}

{{- define "ray.storageName" }}
  {{- .Values.gcsFaultTolerance.storageNamespace | default (printf "%s-%s" .Release.Namespace (include "ray.name" .)) }}
{{- end }}

{{- define "ray.redisAddress" }}
  {{- with .Values.global.redis }}
    {{- printf "%s%s:%v" (eq .tls.mode "disable" | ternary "" "rediss://") .host .port }}
  {{- end }}
{{- end }}

{{- define "ray.tokenEnv" -}}
- name: RAY_AUTH_MODE
  value: token
  {{- include "common.secretEnv" (dict
        "secret" .Values.auth.existingSecret
        "env" (dict "RAY_AUTH_TOKEN" "token")) | nindent 0 }}
{{- end }}
