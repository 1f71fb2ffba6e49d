{{- /*
common.probes renders the probes of a container. Takes `probes`, the timings of startup, readiness
and liveness from the values, and `handlers`, which maps each of the three to its handler (httpGet,
exec, …); a probe without a handler is left out. Fails without `probes` or `handlers`.
*/}}
{{- define "common.probes" }}
  {{- include "common.need" (list "common.probes" . "probes" "handlers") }}
  {{- $probes := dict }}
  {{- range $kind, $handler := .handlers }}
    {{- $_ := set $probes (print $kind "Probe") (merge (deepCopy $handler) (index $.probes $kind)) }}
  {{- end }}
  {{- toYaml $probes }}
{{- end }}

{{- /*
common.httpGet renders the handler of a probe that requests a `path` at a `port`, as JSON; `tls` is
true if the server has a certificate. Other keys go into the handler. Fails without `path`, `port` or
`tls`.
*/}}
{{- define "common.httpGet" }}
  {{- include "common.need" (list "common.httpGet" . "path" "port" "tls") }}
  {{- $get := omit . "ctx" "tls" }}
  {{- if .tls }}
    {{- $_ := set $get "scheme" "HTTPS" }}
  {{- end }}
  {{- dict "httpGet" $get | toJson }}
{{- end }}
