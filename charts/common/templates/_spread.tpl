{{- /*
common.topologySpread renders topologySpreadConstraints: `values.topologySpreadConstraints`, or else
replicas on different nodes where possible. Takes `ctx`, `app`, `component` and `values`, and fails
without `ctx`, `app` or `values`.
*/}}
{{- define "common.topologySpread" }}
  {{- include "common.need" (list "common.topologySpread" . "ctx" "app" "values") }}
  {{- if .values.topologySpreadConstraints }}
    {{- toYaml .values.topologySpreadConstraints }}
  {{- else -}}
- maxSkew: 1
  topologyKey: kubernetes.io/hostname
  whenUnsatisfiable: ScheduleAnyway
  labelSelector:
    matchLabels:
      {{- include "common.selector" . | nindent 6 }}
  {{- end }}
{{- end }}
