{{- /*
  mesh-policies.metadata  name, namespace and labels of an object for the entry `name` of the services table
*/}}
{{- define "mesh-policies.metadata" }}
  {{- $namespace := (index .table .name).namespace -}}
name: {{ .as | default .name }}
namespace: {{ $namespace | quote }}
labels:
  {{- include "common.labels" (dict "ctx" .ctx "app" "mesh-policies") | nindent 2 }}
{{- end }}
