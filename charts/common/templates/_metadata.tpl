{{- /*
common.metadata renders name, namespace, labels and annotations of an object. Takes `ctx`, `app`,
`component`, `name` (default: the component's), `namespace` (default: the release's; "" for a
cluster-scoped object) and `annotations`. Fails without `ctx` or `app`.
*/}}
{{- define "common.metadata" }}
  {{- include "common.need" (list "common.metadata" . "ctx" "app") -}}
name: {{ .name | default (include "common.name" .) | quote }}
  {{- with hasKey . "namespace" | ternary .namespace .ctx.Release.Namespace }}
namespace: {{ . | quote }}
  {{- end }}
labels:
  {{- include "common.labels" . | nindent 2 }}
  {{- with .annotations }}
annotations:
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end }}

{{- /*
common.podMetadata renders labels and annotations of a pod. Takes `ctx`, `app`, `component`;
`values` with podLabels and podAnnotations; `checksum`, a text whose change replaces the pods;
`mesh`, false to keep the pods out of the mesh; `traced`, true for a server that sends traces only
if an agent instruments it. Every pod gets global.monitoring.logs.labels. Fails without `ctx` or
`app`.
*/}}
{{- define "common.podMetadata" }}
  {{- include "common.need" (list "common.podMetadata" . "ctx" "app") }}
  {{- $values := .values | default dict }}
  {{- $own := include "common.podLabels" . | fromYaml }}
  {{- $monitoring := .ctx.Values.global.monitoring }}
  {{- $annotations := deepCopy ($values.podAnnotations | default dict) }}
  {{- if and .traced $monitoring.traces.endpoint }}
    {{- $annotations = merge $annotations $monitoring.traces.annotations }}
  {{- end }}
  {{- if .ctx.Values.global.mesh.enabled }}
    {{- /* A native sidecar starts before the init containers and lets a Job's pod finish. */}}
    {{- $in := hasKey . "mesh" | ternary .mesh true }}
    {{- $_ := set $own "sidecar.istio.io/inject" (toString $in) }}
    {{- if $in }}
      {{- $_ := set $annotations "sidecar.istio.io/nativeSidecar" "true" }}
    {{- end }}
  {{- end }}
  {{- with .checksum }}
    {{- $_ := set $annotations "checksum/input" (sha256sum .) }}
  {{- end -}}
labels:
  {{- merge $own ($values.podLabels | default dict) $monitoring.logs.labels | toYaml | nindent 2 }}
  {{- with $annotations }}
annotations:
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end }}
