{{- /*
Alerts and dashboards, from files that Helm does not render, since braces in these files are templates of
Prometheus and Grafana. Charts render both if global.monitoring.enabled is true.
*/}}

{{- /*
common.prometheusRule renders a PrometheusRule with the rules of a `file`, alerts/NAME.yaml. In it,
${namespace} stands for the release's namespace and ${KEY} for the value that `fill` maps KEY to.
Every alert gets a runbook_url: the alert's section of docs/runbooks/NAME.md. Takes `ctx`, `app`,
`component`, `file` and `fill`; fails without `ctx`, `app` or `file`, and if the file has no groups.
*/}}
{{- define "common.prometheusRule" }}
  {{- include "common.need" (list "common.prometheusRule" . "ctx" "app" "file") }}
  {{- $monitoring := .ctx.Values.global.monitoring }}
  {{- include "common.need" (list "common.prometheusRule: global.monitoring" $monitoring "labels" "runbooksUrl") }}
  {{- $text := .ctx.Files.Get .file | required (printf "common.prometheusRule: there is no %s" .file) }}
  {{- range $key, $value := merge (dict "namespace" .ctx.Release.Namespace) (.fill | default dict) }}
    {{- $text = $text | replace (printf "${%s}" $key) (toString $value) }}
  {{- end }}
  {{- $page := printf "%s/%s.md" $monitoring.runbooksUrl (base .file | trimSuffix ".yaml") }}
  {{- $groups := ($text | fromYaml).groups | required (printf "common.prometheusRule: %s has no groups" .file) }}
  {{- range $groups }}
    {{- range .rules }}
      {{- if .alert }}
        {{- $_ := set .annotations "runbook_url" (printf "%s#%s" $page (lower .alert)) }}
      {{- end }}
    {{- end }}
  {{- end -}}
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  name: {{ include "common.name" . }}
  namespace: {{ .ctx.Release.Namespace | quote }}
  labels:
    {{- merge (include "common.labels" . | fromYaml) $monitoring.labels | toYaml | nindent 4 }}
spec:
  groups:
    {{- toYaml $groups | nindent 4 }}
{{- end }}

{{- /*
common.dashboards renders a ConfigMap with dashboards/*.json of the chart, and the labels by which
Grafana's sidecar selects it. Takes `ctx` and `app`, and fails if one is missing.
*/}}
{{- define "common.dashboards" }}
  {{- include "common.need" (list "common.dashboards" . "ctx" "app") }}
  {{- $monitoring := .ctx.Values.global.monitoring }}
  {{- include "common.need" (list "common.dashboards: global.monitoring" $monitoring "dashboardLabels") -}}
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ include "common.name" (merge (dict "component" "dashboards") .) }}
  namespace: {{ .ctx.Release.Namespace | quote }}
  labels:
    {{- merge (include "common.labels" . | fromYaml) $monitoring.dashboardLabels | toYaml | nindent 4 }}
data:
  {{- range $path, $_ := .ctx.Files.Glob "dashboards/*.json" }}
  {{ base $path }}: |
    {{- $.ctx.Files.Get $path | trim | nindent 4 }}
  {{- end }}
{{- end }}
