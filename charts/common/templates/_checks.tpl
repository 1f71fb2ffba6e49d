{{- /*
Checks that a schema can't say. A chart's template writes one problem after the other, and
templates/validation/checks.yaml shows them all at once; Helm renders that file first.
  common.problem   one problem: `path` of the value, what is `wrong`, what to `write`
  common.validate  fails if the template named by `checks`, or a check of what all charts share,
                   wrote anything
  common.needsApi  a problem if the cluster lacks the `api` that `path` asks for; `off` is the value
                   that asks for nothing, false if left out
*/}}
{{- define "common.problem" }}
  {{- include "common.need" (list "common.problem" . "path" "wrong" "write") }}
{{ printf "  - %s: %s; %s" .path .wrong .write }}
{{- end }}

{{- define "common.validate" }}
  {{- include "common.need" (list "common.validate" . "ctx" "checks") }}
  {{- with print (include "common.checks" .) (include .checks .ctx) | trim }}
    {{- fail (printf "\n\nThe values of chart %s can't work:\n  %s\n" $.ctx.Chart.Name .) }}
  {{- end }}
{{- end }}

{{- define "common.needsApi" }}
  {{- include "common.need" (list "common.needsApi" . "ctx" "api" "path" "install") }}
  {{- if not (.ctx.Capabilities.APIVersions.Has .api) }}
    {{- include "common.problem" (dict
          "path" .path
          "wrong" (printf "the cluster has no API %s" .api)
          "write" (printf "install %s, set %s to %s, or render offline with --api-versions %s" .install .path (.off | default "false") .api)) }}
  {{- end }}
{{- end }}

{{- define "common.checks" }}
  {{- if .ctx.Values.global.monitoring.enabled }}
    {{- include "common.needsApi" (dict
          "ctx" .ctx
          "api" "monitoring.coreos.com/v1"
          "path" "global.monitoring.enabled"
          "install" "the Prometheus operator's CRDs") }}
  {{- end }}
  {{- include "common.externalSecretsChecks" . }}
{{- end }}
