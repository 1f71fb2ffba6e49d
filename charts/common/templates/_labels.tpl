{{- /*
  common.selector   what a workload selects its pods by; it never changes in a component's life, and
                    no two components share it, so a Service meets no pod of a Job
  common.podLabels  the labels of a pod: the selector, `app` (the name, or `label` where people select
                    several components by one); without any version, so that a new chart version
                    restarts nothing
  common.labels     the labels of every other object
*/}}
{{- define "common.selector" }}
  {{- include "common.need" (list "common.selector" . "ctx" "app") -}}
app.kubernetes.io/name: {{ include "common.app" . }}
app.kubernetes.io/instance: {{ .ctx.Release.Name | quote }}
app.kubernetes.io/component: {{ .component | default "server" }}
{{- end }}

{{- define "common.podLabels" }}
  {{- include "common.need" (list "common.podLabels" . "ctx" "app") }}
  {{- include "common.selector" . }}
app.kubernetes.io/part-of: 254carbon
app: {{ .label | default (include "common.name" .) }}
{{- end }}

{{- define "common.labels" }}
  {{- include "common.need" (list "common.labels" . "ctx" "app") }}
  {{- include "common.podLabels" . }}
app.kubernetes.io/version: {{ .ctx.Chart.AppVersion | default .ctx.Chart.Version | quote }}
app.kubernetes.io/managed-by: {{ .ctx.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .ctx.Chart.Name .ctx.Chart.Version | replace "+" "_" }}
{{- end }}
