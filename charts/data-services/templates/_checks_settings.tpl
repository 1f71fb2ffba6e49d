{{- /*
Checks of the parameters that values add to the configuration of PostgreSQL and Redis.
*/}}

{{- /*
data-services.checks.settings renders a problem for each parameter whose value has a unit that the server does not
know, such as a unit of Kubernetes quantities, and for shared_buffers that leave too little memory. Takes the root
context.
*/}}
{{- define "data-services.checks.settings" }}
  {{- with .Values.postgresql }}
    {{- $known := "B, kB, MB, GB, TB, us, ms, s, min, h and d" }}
    {{- $units := "(B|kB|MB|GB|TB|us|ms|s|min|h|d)" }}
    {{- include "data-services.checks.units" (dict "name" "postgresql" "own" . "units" $units "known" $known) }}
    {{- include "data-services.checks.memory" . }}
  {{- end }}
  {{- include "data-services.checks.units" (dict
        "name" "redis"
        "own" .Values.redis
        "units" "(?i:b|kb?|mb?|gb?)"
        "known" "b, k, kb, m, mb, g and gb") }}
{{- end }}

{{- /*
data-services.checks.units renders a problem for each parameter with an unknown unit. Takes the `name` of the server,
its `own` values, its `units` as a regular expression, and the `known` units as text.
*/}}
{{- define "data-services.checks.units" }}
  {{- range $key, $value := .own.settings }}
    {{- range $word := splitList " " (toString $value) }}
      {{- $unit := regexFind "[A-Za-z]+$" $word }}
      {{- $measured := and $.own.enabled (regexMatch "^[0-9.]+[A-Za-z]+$" $word) }}
      {{- if and $measured (not (regexMatch (printf "^%s$" $.units) $unit)) }}
        {{- include "common.problem" (dict
              "path" (printf "%s.settings.%s" $.name $key)
              "wrong" (printf "%s has the unit %s, which the server does not know" $word $unit)
              "write" (printf "write one of the units %s" $.known)) }}
      {{- end }}
    {{- end }}
  {{- end }}
{{- end }}

{{- /*
data-services.checks.memory renders a problem if PostgreSQL's shared_buffers leave less than a quarter of the
container's memory for connections. A number without a unit counts blocks of 8 KiB. Takes .Values.postgresql.
*/}}
{{- define "data-services.checks.memory" }}
  {{- $buffers := toString .settings.shared_buffers }}
  {{- if and .enabled (regexMatch "^[0-9]+(B|kB|MB|GB|TB)?$" $buffers) }}
    {{- $units := dict "" 8192 "B" 1 "kB" 1024 "MB" 1048576 "GB" 1073741824 "TB" 1099511627776 }}
    {{- $unit := regexFind "[A-Za-z]+$" $buffers }}
    {{- $bytes := mulf (trimSuffix $unit $buffers) (get $units $unit) | int64 }}
    {{- $limit := .resources.limits.memory }}
    {{- $most := include "common.bytes" (dict "quantity" $limit) | int64 }}
    {{- if gt (mul 4 $bytes) (mul 3 $most) }}
      {{- include "common.problem" (dict
            "path" "postgresql.settings.shared_buffers"
            "wrong" (printf "%s is more than three quarters of postgresql.resources.limits.memory (%v)" $buffers $limit)
            "write" "write about a quarter of the limit, or raise the limit") }}
    {{- end }}
  {{- end }}
{{- end }}
