{{- /*
Checks of values that several charts have.
*/}}

{{- /*
common.ascendingChecks renders a problem for each pair of neighbours in `keys` whose numbers do not
ascend. Takes the `keys`, the `values` that hold them, and the `path` of those values. Fails if one
of the parameters is missing.
*/}}
{{- define "common.ascendingChecks" }}
  {{- include "common.need" (list "common.ascendingChecks" . "path" "values" "keys") }}
  {{- range $at, $key := initial .keys }}
    {{- $next := index $.keys (add1 $at | int) }}
    {{- $low := get $.values $key }}
    {{- $high := get $.values $next }}
    {{- if gt (int $low) (int $high) }}
      {{- include "common.problem" (dict
            "path" (printf "%s.%s" $.path $key)
            "wrong" (printf "%v is more than %s.%s (%v)" $low $.path $next $high)
            "write" (printf "write at most %v, or raise %s.%s" $high $.path $next)) }}
    {{- end }}
  {{- end }}
{{- end }}

{{- /*
common.autoscalingChecks renders a problem if .Values.autoscaling is enabled and its minReplicas is
above its maxReplicas. Takes `ctx`, and fails without it.
*/}}
{{- define "common.autoscalingChecks" }}
  {{- include "common.need" (list "common.autoscalingChecks" . "ctx") }}
  {{- with .ctx.Values.autoscaling }}
    {{- if .enabled }}
      {{- include "common.ascendingChecks" (dict
            "path" "autoscaling"
            "values" .
            "keys" (list "minReplicas" "maxReplicas")) }}
    {{- end }}
  {{- end }}
{{- end }}

{{- /*
common.postgresqlTlsChecks renders a problem if global.postgresql.tls verifies the server and names
no Secret with a CA certificate. Takes `ctx`, and fails without it.
*/}}
{{- define "common.postgresqlTlsChecks" }}
  {{- include "common.need" (list "common.postgresqlTlsChecks" . "ctx") }}
  {{- with .ctx.Values.global.postgresql.tls }}
    {{- if and (hasPrefix "verify-" .mode) (not (.existingSecret).name) }}
      {{- include "common.problem" (dict
            "path" "global.postgresql.tls.existingSecret.name"
            "wrong" (printf "global.postgresql.tls.mode %s needs a CA certificate, and no Secret is set" .mode)
            "write" "write the name of the Secret that holds the CA certificate") }}
    {{- end }}
  {{- end }}
{{- end }}

{{- /*
common.resourcesChecks renders a problem for each request above the limit of the same resource, and for each request
of a device or of huge pages that differs from the limit. It compares the keys `requests` and `limits` of each map in
`values`, at any depth, but omits the keys `skip` of `values`. Takes `values`; `path`, the list of keys that lead to
`values`; and `skip`. Fails if one of the parameters is missing.
*/}}
{{- define "common.resourcesChecks" }}
  {{- include "common.need" (list "common.resourcesChecks" . "values" "path" "skip") }}
  {{- $limits := kindIs "map" .values.limits | ternary .values.limits dict }}
  {{- range $resource, $request := kindIs "map" .values.requests | ternary .values.requests dict }}
    {{- /* null removes an amount that a worker group of Ray inherits. */}}
    {{- $lacks := and (not (kindIs "invalid" $request)) (not (hasKey $limits $resource)) }}
    {{- $request = $request | default 0 }}
    {{- $path := join "." $.path }}
    {{- $milli := include "common.milli" (dict "quantity" $request) | int64 }}
    {{- $limit := get $limits $resource | default 0 }}
    {{- $shown := $lacks | ternary "not set" $limit }}
    {{- $most := include "common.milli" (dict "quantity" $limit) | int64 }}
    {{- if or (contains "/" $resource) (hasPrefix "hugepages-" $resource) | and (or $lacks (ne $milli $most)) }}
      {{- include "common.problem" (dict
            "path" (printf "%s.requests.%s" $path $resource)
            "wrong" (printf "%v differs from %s.limits.%s (%v)" $request $path $resource $shown)
            "write" "write the same amount, or omit the request, which then equals the limit") }}
    {{- else if and (hasKey $limits $resource) (not (kindIs "invalid" (get $limits $resource))) (gt $milli $most) }}
      {{- include "common.problem" (dict
            "path" (printf "%s.requests.%s" $path $resource)
            "wrong" (printf "%v is more than %s.limits.%s (%v)" $request $path $resource $limit)
            "write" (printf "write at most %v, or raise %s.limits.%s" $limit $path $resource)) }}
    {{- end }}
  {{- end }}
  {{- range $key, $value := .values }}
    {{- if and (kindIs "map" $value) (not (has $key $.skip)) (contains "\"requests\":{" (toJson $value)) }}
      {{- include "common.resourcesChecks" (dict "values" $value "path" (append $.path $key) "skip" list) }}
    {{- end }}
  {{- end }}
{{- end }}

{{- /*
common.hostChecks renders a problem for each host name that is in two lists, since the host names of each list are
routed to another Service. Takes `lists`, which maps the path of each list to its host names, and fails without it.
*/}}
{{- define "common.hostChecks" }}
  {{- include "common.need" (list "common.hostChecks" . "lists") }}
  {{- $owners := dict }}
  {{- range $path := keys .lists | sortAlpha }}
    {{- range $host := get $.lists $path | default list | uniq }}
      {{- $name := lower $host }}
      {{- with get $owners $name }}
        {{- include "common.problem" (dict
              "path" $path
              "wrong" (printf "the host name %s is also in %s, which is routed to another Service" $host .)
              "write" "write another host name") }}
      {{- else }}
        {{- $_ := set $owners $name $path }}
      {{- end }}
    {{- end }}
  {{- end }}
{{- end }}
