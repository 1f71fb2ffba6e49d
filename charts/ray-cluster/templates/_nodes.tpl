{{- /*
A node of the cluster is a head or a worker of a group: its values are `head`, or the group's over
`workers`.
  ray.groups    the worker groups by name, as JSON, each with all its values
  ray.name      the cluster's name
  ray.headName  the Service that leads to the head, as KubeRay names it
  ray.headHost  its whole name
  ray.selector  labels of all nodes, and of no other pod
  ray.image     a node's image, as JSON
*/}}
{{- define "ray.groups" }}
  {{- $groups := dict }}
  {{- range $name, $group := .Values.workerGroups }}
    {{- $_ := set $groups $name (mergeOverwrite (deepCopy $.Values.workers) ($group | default dict)) }}
  {{- end }}
  {{- toJson $groups }}
{{- end }}

{{- define "ray.name" }}
  {{- include "common.name" (dict "ctx" $ "app" "ray-cluster") }}
{{- end }}

{{- define "ray.headName" }}
  {{- include "ray.name" . }}-head-svc
{{- end }}

{{- define "ray.headHost" }}
  {{- printf "%s.%s.svc.%s" (include "ray.headName" .) .Release.Namespace .Values.global.clusterDomain }}
{{- end }}

{{- define "ray.selector" -}}
app.kubernetes.io/name: {{ include "common.app" (dict "ctx" $ "app" "ray-cluster") }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
app: {{ include "ray.name" . }}
{{- end }}

{{- define "ray.image" }}
  {{- include "common.need" (list "ray.image" . "ctx" "node") }}
  {{- mergeOverwrite (deepCopy .ctx.Values.image) .node.image | toJson }}
{{- end }}
