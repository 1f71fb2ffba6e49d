{{- /*
Traces, sent by OTLP over HTTP where global.monitoring.traces.endpoint says so.
  common.tracesEnv  OpenTelemetry's variables of a server, which is called like its component. They are
                    those of traces alone, since Ray's own metrics would go where the general ones
                    say. What MLflow's client traces keeps going to MLflow.
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
