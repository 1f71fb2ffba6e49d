{{- /*
A node of the Ray cluster is the head, with the values `head`, or a worker of a group, with the values
`workers` overridden by the values of the group.
  ray.groups    the worker groups with their merged values, as JSON by name
  ray.name      name of the Ray cluster
  ray.headName  name of the head's Service, as KubeRay names it
  ray.headHost  fully qualified DNS name of the head's Service
  ray.selector  labels that select the pods of all nodes, and no other pods
  ray.image     image of a node, as JSON
*/}}
{{- define "ray.groups" }}
  {{- $groups := dict }}
  {{- range $name, $group := .Values.workerGroups }}
    {{- if not (kindIs "invalid" $group) }}
      {{- $_ := set $groups $name (include "common.override" (dict "base" $.Values.workers "over" $group) | fromJson) }}
    {{- end }}
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
