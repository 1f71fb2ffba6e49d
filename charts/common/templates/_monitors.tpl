{{- /*
  common.podMonitor  scrapes a `port` of the component's pods at `path` (/metrics); drawn when
                     global.monitoring.enabled, with the labels that Prometheus selects by;
                     `endpoint`, a dict, says more of it: scheme, basicAuth. `ports` instead of
                     `port` are several, of which a pod has some; `selector` selects other pods
*/}}
{{- define "common.podMonitor" }}
  {{- include "common.need" (list "common.podMonitor" . "ctx" "app") }}
  {{- $monitoring := .ctx.Values.global.monitoring -}}
apiVersion: monitoring.coreos.com/v1
kind: PodMonitor
metadata:
  name: {{ include "common.name" . }}
  namespace: {{ .ctx.Release.Namespace }}
  labels:
    {{- merge (include "common.labels" . | fromYaml) $monitoring.labels | toYaml | nindent 4 }}
spec:
  selector:
    matchLabels:
      {{- .selector | default (include "common.selector" .) | nindent 6 }}
  podMetricsEndpoints:
    {{- range .ports | default (list .port) }}
    - port: {{ . }}
      path: {{ $.path | default "/metrics" }}
      interval: {{ $monitoring.intervalSeconds }}s
      {{- with $.endpoint }}
      {{- toYaml . | nindent 6 }}
      {{- end }}
    {{- end }}
{{- end }}
