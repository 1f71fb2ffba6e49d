{{- /*
Checks of values that add environment variables, arguments or settings, such as extraEnv. The chart sets some variables,
arguments and settings itself, such as those for addresses, credentials and ports; users must not set these. One
template of a chart, such as mlflow.owned, lists them in a map. A key is the path of a value, such as extraEnv. Below
the path, a regular expression of names maps to the value to set instead, or to "" if no value sets these names.
*/}}

{{- /*
common.ownedChecks renders a problem for each name in the values that matches a regular expression of `owned`, the map
described above. A name is the name of a variable in a list like env, an argument without its value in a list of
arguments, or a key of a map, with dots between nested keys. A value other than a map would replace all nested keys, so
it is a problem if an expression starts with its key and [.]. Takes `ctx` and `owned`, and fails if one is missing.
*/}}
{{- define "common.ownedChecks" }}
  {{- include "common.need" (list "common.ownedChecks" . "ctx" "owned") }}
  {{- range $path, $owned := .owned }}
    {{- $values := $.ctx.Values }}
    {{- range splitList "." $path }}
      {{- $values = kindIs "map" $values | ternary (get $values .) dict }}
    {{- end }}
    {{- range $section, $value := kindIs "map" $values | ternary $values dict }}
      {{- $nested := "" }}
      {{- range $pattern, $_ := $owned }}
        {{- $nested = or $nested (hasPrefix (printf "%s[.]" $section) $pattern) }}
      {{- end }}
      {{- if and $nested (not (kindIs "map" $value)) }}
        {{- include "common.problem" (dict
              "path" (printf "%s: %s" $path $section)
              "wrong" (printf "the chart sets keys of %s, which the value would replace" $section)
              "write" "write a map with the keys to add, or remove it") }}
      {{- end }}
    {{- end }}
    {{- range $name := include "common.ownedChecks.names" $values | fromJsonArray }}
      {{- range $pattern, $key := $owned }}
        {{- if regexMatch (printf "^(%s)$" $pattern) $name }}
          {{- include "common.problem" (dict
                "path" (printf "%s: %s" $path $name)
                "wrong" (printf "the chart sets %s itself" $name)
                "write" ($key | empty | ternary "remove it" (printf "remove it, and write %s instead" $key))) }}
        {{- end }}
      {{- end }}
    {{- end }}
  {{- end }}
{{- end }}

{{- /*
common.ownedChecks.names renders, as a JSON list, the names that common.ownedChecks compares. Takes a list of variables
or of arguments, or a map, and does not fail.
*/}}
{{- define "common.ownedChecks.names" }}
  {{- $names := list }}
  {{- if kindIs "map" . }}
    {{- range $key, $value := . }}
      {{- $names = append $names $key }}
      {{- range include "common.ownedChecks.names" (kindIs "map" $value | ternary $value dict) | fromJsonArray }}
        {{- $names = append $names (printf "%s.%s" $key .) }}
      {{- end }}
    {{- end }}
  {{- else if kindIs "slice" . }}
    {{- range . }}
      {{- if kindIs "map" . }}
        {{- $names = append $names .name }}
      {{- else if hasPrefix "-" . }}
        {{- /* The value of a short option may follow without a space, such as -p80. */}}
        {{- $short := regexFind "^-[^-]" . }}
        {{- $names = append $names ($short | default (splitList "=" . | first)) }}
      {{- end }}
    {{- end }}
  {{- end }}
  {{- toJson $names }}
{{- end }}

{{- /*
common.owned.postgresql, common.owned.s3 and common.owned.traces render, as YAML for the map `owned`, the variables with
the addresses and credentials that libpq, the AWS SDKs and OpenTelemetry read. They take the root context.
*/}}
{{- define "common.owned.postgresql" -}}
PG(HOST|HOSTADDR|PORT|DATABASE|USER|PASSWORD|PASSFILE|SERVICE|SERVICEFILE): global.postgresql
{{- end }}

{{- define "common.owned.s3" -}}
AWS_ENDPOINT_URL(_S3)?: global.s3
  {{- if (include "common.s3Credentials" (dict "ctx" .) | fromJson).secret.name }}
AWS_(ACCESS_KEY_ID|SECRET_ACCESS_KEY|SESSION_TOKEN): global.s3.existingSecret
  {{- end }}
{{- end }}

{{- define "common.owned.traces" -}}
OTEL_EXPORTER_OTLP_(TRACES_)?ENDPOINT: global.monitoring.traces.endpoint
{{- end }}
