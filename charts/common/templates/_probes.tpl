{{- /*
  common.probes  `probes` holds the times of startup, readiness and liveness (from the values),
                 `handlers` what each of them asks (httpGet, exec, …); a probe without a handler
                 is not drawn
*/}}
{{- define "common.probes" }}
  {{- include "common.need" (list "common.probes" . "probes" "handlers") }}
  {{- $drawn := dict }}
  {{- range $kind, $handler := .handlers }}
    {{- $_ := set $drawn (print $kind "Probe") (merge (deepCopy $handler) (index $.probes $kind)) }}
  {{- end }}
  {{- toYaml $drawn }}
{{- end }}
