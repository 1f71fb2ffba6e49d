{{- /*
  common.topologySpread  replicas on different nodes where that is possible, unless
                         `values.topologySpreadConstraints` says otherwise
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
