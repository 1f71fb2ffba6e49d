{{- /*
common.selector renders the labels by which a workload selects its pods. These labels never change during the
life of a component and no two components share all of them, so no Service selects the pod of a Job. Takes
`ctx`, `app` and `component`; `role`, the component of an application with one component only (default: server).
Fails without `ctx` or `app`.
*/}}
{{- define "common.selector" }}
  {{- include "common.need" (list "common.selector" . "ctx" "app") -}}
app.kubernetes.io/name: {{ include "common.app" . }}
app.kubernetes.io/instance: {{ .ctx.Release.Name | quote }}
app.kubernetes.io/component: {{ .component | default .role | default "server" }}
{{- end }}

{{- /*
common.podLabels renders the labels of a pod: the selector and `app`, which is the component's name,
or `label` where clients select several components by one label. The labels contain no version, so that a new
version of the chart restarts no pod. Takes the parameters of common.selector, and fails without `ctx` or
`app`.
*/}}
{{- define "common.podLabels" }}
  {{- include "common.need" (list "common.podLabels" . "ctx" "app") }}
  {{- include "common.selector" . }}
app.kubernetes.io/part-of: 254carbon
app: {{ .label | default (include "common.name" .) }}
{{- end }}

{{- /*
common.labels renders the labels of every other object. Takes the parameters of common.podLabels, and fails
without `ctx` or `app`.
*/}}
{{- define "common.labels" }}
  {{- include "common.need" (list "common.labels" . "ctx" "app") }}
  {{- include "common.podLabels" . }}
app.kubernetes.io/version: {{ .ctx.Chart.AppVersion | default .ctx.Chart.Version | quote }}
app.kubernetes.io/managed-by: {{ .ctx.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .ctx.Chart.Name .ctx.Chart.Version | replace "+" "_" }}
{{- end }}
