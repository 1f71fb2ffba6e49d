{{- /*
common.podMonitor renders a PodMonitor. Takes `ctx`, `app`, `component`; the name of a `port`, or
several `ports` of which a pod has some; `path` (default /metrics); `endpoint`, a dict of more keys
for each endpoint; `selector`, rendered labels (default: the component's). Fails without `ctx` or
`app`.
*/}}
{{- define "common.podMonitor" }}
  {{- include "common.need" (list "common.podMonitor" . "ctx" "app") }}
  {{- $monitoring := .ctx.Values.global.monitoring -}}
apiVersion: monitoring.coreos.com/v1
kind: PodMonitor
metadata:
  name: {{ include "common.name" . }}
  namespace: {{ .ctx.Release.Namespace | quote }}
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
