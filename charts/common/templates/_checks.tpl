{{- /*
Checks of values that a JSON Schema cannot express. A named template renders one problem after
another; templates/validation/checks.yaml of the chart shows all of them at once. Helm renders that
file first.
*/}}

{{- /*
common.problem renders one problem as a line. Takes `path` of the value, what is `wrong`, and what
to `write` instead. Fails if one of them is missing.
*/}}
{{- define "common.problem" }}
  {{- include "common.need" (list "common.problem" . "path" "wrong" "write") }}
{{ printf "  - %s: %s; %s" .path .wrong .write }}
{{- end }}

{{- /*
common.validate renders nothing. It fails with all problems that the shared checks and the chart's own checks render.
Takes `ctx`; `checks`, the name of the chart's template of checks, which takes the root context; and `annotations`,
regular expressions of further annotations that the chart sets. Fails without `ctx` or `checks`.
*/}}
{{- define "common.validate" }}
  {{- include "common.need" (list "common.validate" . "ctx" "checks") }}
  {{- with print (include "common.checks" .) (include .checks .ctx) | trim }}
    {{- fail (printf "\n\nThe values of chart %s can't work:\n  %s\n" $.ctx.Chart.Name .) }}
  {{- end }}
{{- end }}

{{- /*
common.needsApi renders a problem if the cluster lacks an API that a value needs. Takes `ctx`, the
`api`, the `path` of the value, what to `install`, and `off`, the value that needs no API (default
false). Fails if one of the first four is missing.
*/}}
{{- define "common.needsApi" }}
  {{- include "common.need" (list "common.needsApi" . "ctx" "api" "path" "install") }}
  {{- if not (.ctx.Capabilities.APIVersions.Has .api) }}
    {{- $off := printf "set %s to %s" .path (.off | default "false") }}
    {{- include "common.problem" (dict
          "path" .path
          "wrong" (printf "the cluster has no API %s" .api)
          "write" (printf "install %s, %s, or render offline with --api-versions %s" .install $off .api)) }}
  {{- end }}
{{- end }}

{{- /*
common.checks renders the problems of values that every chart has: global.monitoring, requests and limits, claims,
externalSecrets, labels and annotations. Takes `ctx`, and `annotations`, regular expressions of further annotations
that the chart sets. Fails without `ctx`.
*/}}
{{- define "common.checks" }}
  {{- include "common.need" (list "common.checks" . "ctx") }}
  {{- if .ctx.Values.global.monitoring.enabled }}
    {{- include "common.needsApi" (dict
          "ctx" .ctx
          "api" "monitoring.coreos.com/v1"
          "path" "global.monitoring.enabled"
          "install" "the Prometheus operator's CRDs") }}
  {{- end }}
  {{- /* Each subchart checks its own values. */}}
  {{- include "common.resourcesChecks" (dict
        "values" .ctx.Values
        "path" list
        "skip" (keys .ctx.Subcharts)) }}
  {{- include "common.claimChecks" (dict "values" .ctx.Values "prefix" "") }}
  {{- include "common.externalSecretsChecks" . }}
  {{- $own := .ctx.Values }}
  {{- range .ctx.Chart.Dependencies }}
    {{- /* Each subchart checks its own values. */}}
    {{- $own = omit $own .Name }}
  {{- end }}
  {{- include "common.metadataChecks" (merge (dict "values" $own "path" "") .) }}
{{- end }}
