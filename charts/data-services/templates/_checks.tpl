{{- /*
  data-services.checks  what the schema can't say about the values of this chart
  data-services.checks.tls  a server and what clients are told must agree
*/}}
{{- define "data-services.checks.tls" }}
  {{- range $server := list "postgresql" "redis" "s3" }}
    {{- $clients := index $.Values.global $server "tls" }}
    {{- $path := printf "global.%s.tls.%s" $server (hasKey $clients "mode" | ternary "mode" "enabled") }}
    {{- $clear := not $clients.enabled }}
    {{- if hasKey $clients "mode" }}
      {{- $clear = has $clients.mode (list "disable" "allow" "prefer") }}
    {{- end }}
    {{- $own := index $.Values $server }}
    {{- if and $own.enabled (eq $own.tls.enabled $clear) }}
      {{- include "common.problem" (dict
            "path" $path
            "wrong" (printf "%s.tls.enabled is %v" $server $own.tls.enabled)
            "write" "write what clients of that server must do") }}
    {{- end }}
  {{- end }}
{{- end }}

{{- define "data-services.checks" }}
  {{- include "data-services.checks.tls" . }}
  {{- $owners := dict }}
  {{- range $component, $database := .Values.global.postgresql.databases }}
    {{- with get $owners $database.name }}
      {{- include "common.problem" (dict
            "path" (printf "global.postgresql.databases.%s.name" $component)
            "wrong" (printf "%s is the database of %s too" $database.name .)
            "write" "write a name of its own: each component owns its database") }}
    {{- end }}
    {{- $_ := set $owners $database.name $component }}
  {{- end }}
{{- end }}
