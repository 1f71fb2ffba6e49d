{{- /*
common.tracesEnv renders OpenTelemetry's variables of a server that sends traces by OTLP over HTTP to
global.monitoring.traces.endpoint, and renders nothing if the endpoint is empty. The variables configure
traces only: OTEL_EXPORTER_OTLP_ENDPOINT would also redirect Ray's metrics. With MLFLOW_ENABLE_OTLP_EXPORTER
false, MLflow's client still sends its traces to MLflow. Takes `ctx`, `app` and `component`, and fails without
`ctx` or `app`.
*/}}
{{- define "common.tracesEnv" }}
  {{- include "common.need" (list "common.tracesEnv" . "ctx" "app") }}
  {{- with .ctx.Values.global.monitoring.traces }}
    {{- if .endpoint -}}
- name: OTEL_SERVICE_NAME
  value: {{ include "common.name" $ | quote }}
- name: OTEL_RESOURCE_ATTRIBUTES
  value: service.namespace={{ $.ctx.Release.Namespace }}
- name: OTEL_TRACES_EXPORTER
  value: otlp
- name: OTEL_METRICS_EXPORTER
  value: none
- name: OTEL_LOGS_EXPORTER
  value: none
- name: OTEL_EXPORTER_OTLP_TRACES_ENDPOINT
  value: {{ printf "%s/v1/traces" .endpoint | quote }}
- name: OTEL_EXPORTER_OTLP_TRACES_PROTOCOL
  value: http/protobuf
- name: OTEL_TRACES_SAMPLER
  value: parentbased_traceidratio
- name: OTEL_TRACES_SAMPLER_ARG
  value: {{ .ratio | quote }}
- name: MLFLOW_ENABLE_OTLP_EXPORTER
  value: "false"
    {{- end }}
  {{- end }}
{{- end }}
