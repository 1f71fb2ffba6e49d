{{- /*
Environment variables of Ray's containers for monitoring, as YAML lists.
  ray.dashboardEnv   addresses of Prometheus and Grafana for Ray's dashboard. Each name is a constant of Ray 2.60's
                     dashboard/modules/metrics/metrics_head.py; Ray Serve's autoscaling reads the first one too.
                     Without Grafana its variables are left out: with the constant DISABLED, the dashboard's pages of
                     Serve embed addresses that begin with this word
  ray.tracesEnv      variables by which Ray Serve exports traces through files/serve_traces.py
*/}}
{{- define "ray.dashboardEnv" }}
  {{- $monitoring := .ctx.Values.global.monitoring }}
  {{- $env := list }}
  {{- with $monitoring.prometheus.url }}
    {{- $env = append $env (dict "name" "RAY_PROMETHEUS_HOST" "value" .) }}
  {{- end }}
  {{- with $monitoring.grafana }}
    {{- if and .url (eq $.role "head") }}
      {{- $env = concat $env (list
            (dict "name" "RAY_GRAFANA_HOST" "value" .url)
            (dict "name" "RAY_GRAFANA_IFRAME_HOST" "value" (.publicUrl | default .url))
            (dict "name" "RAY_GRAFANA_ORG_ID" "value" (toString .organization))
            (dict "name" "RAY_PROMETHEUS_NAME" "value" .datasource)) }}
    {{- end }}
  {{- end }}
  {{- if $env }}
    {{- toYaml $env }}
  {{- end }}
{{- end }}

{{- define "ray.tracesEnv" }}
  {{- with include "common.tracesEnv" (dict "ctx" $ "app" "ray-cluster") }}
    {{- . }}
- name: PYTHONPATH
  value: /etc/ray/traces
- name: RAY_SERVE_TRACING_EXPORTER_IMPORT_PATH
  value: serve_traces:processors
- name: RAY_SERVE_TRACING_SAMPLING_RATIO
  value: {{ $.Values.global.monitoring.traces.ratio | quote }}
  {{- end }}
{{- end }}
