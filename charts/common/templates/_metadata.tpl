{{- /*
  common.metadata     name, namespace, labels and annotations (optional) of an object; `name`
                      replaces the component's own, `namespace` the release's: "" for an object of
                      the whole cluster
  common.podMetadata  labels and annotations of a pod; `values` may hold podLabels and
                      podAnnotations, `checksum` is text whose change replaces the pods, `mesh`
                      false keeps the pods out of the mesh, `traced` true says that its server
                      traces only if something instruments it. Every pod has the labels that
                      collectors of logs look for
*/}}
{{- define "common.metadata" }}
  {{- include "common.need" (list "common.metadata" . "ctx" "app") -}}
name: {{ .name | default (include "common.name" .) | quote }}
  {{- with hasKey . "namespace" | ternary .namespace .ctx.Release.Namespace }}
namespace: {{ . }}
  {{- end }}
labels:
  {{- include "common.labels" . | nindent 2 }}
  {{- with .annotations }}
annotations:
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end }}

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
