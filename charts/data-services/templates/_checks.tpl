{{- /*
Checks of values that a JSON Schema cannot express. The templates take the root context unless they state another.
*/}}

{{- /*
data-services.checks.tls renders a problem for each store whose TLS differs between the server and its clients, and for
a certificate of PostgreSQL without a CA certificate: libpq verifies no server by the CA certificates of an image.
*/}}
{{- define "data-services.checks.tls" }}
  {{- range $server := list "postgresql" "redis" "s3" }}
    {{- $clients := index $.Values.global $server "tls" }}
    {{- $key := hasKey $clients "mode" | ternary "mode" "enabled" }}
    {{- $plain := list "disable" "allow" "prefer" }}
    {{- $clientTls := eq $key "mode" | ternary (not (has $clients.mode $plain)) $clients.enabled }}
    {{- $own := index $.Values $server }}
    {{- if and $own.enabled (ne $own.tls.enabled $clientTls) }}
      {{- $values := $own.tls.enabled | ternary
            (dict "mode" "require or verify-full" "enabled" "true")
            (dict "mode" "disable" "enabled" "false") }}
      {{- $path := printf "%s.tls.enabled" $server }}
      {{- $with := $clientTls | ternary "with" "without" }}
      {{- include "common.problem" (dict
            "path" (printf "global.%s.tls.%s" $server $key)
            "wrong" (printf "clients connect %s TLS, and %s is %v" $with $path $own.tls.enabled)
            "write" (printf "write %s, or set %s to %v" (get $values $key) $path $clientTls)) }}
    {{- end }}
  {{- end }}
  {{- with .Values.postgresql }}
    {{- if and .enabled .tls.enabled (not .tls.existingSecret.keys.ca) }}
      {{- include "common.problem" (dict
            "path" "postgresql.tls.existingSecret.keys.ca"
            "wrong" "the key is empty, and the Job that creates the databases verifies PostgreSQL by the CA certificate"
            "write" "write the key of the Secret that stores the CA certificate, such as ca.crt") }}
    {{- end }}
  {{- end }}
{{- end }}

{{- /*
data-services.checks.image renders a problem if the image is Valkey, whose first version is 7.2, and the tag is an older
version, which only Redis has: values for a version of the chart with Redis can contain such a tag. Takes .Values.redis.
*/}}
{{- define "data-services.checks.image" }}
  {{- if and .enabled (eq (base .image.repository) "valkey") (regexMatch `^([1-6]|7\.0)([.-]|$)` .image.tag) }}
    {{- include "common.problem" (dict
          "path" "redis.image.tag"
          "wrong" (printf "%s is a version of Redis, and redis.image.repository is %s" .image.tag .image.repository)
          "write" "remove the key, or set redis.image.repository to the repository of Redis too") }}
  {{- end }}
{{- end }}

{{- /*
data-services.checks.programs renders a problem if PostgreSQL runs as a user without a name in the image's /etc/passwd,
and for each volume mount that hides a server's programs. Takes the root context.
*/}}
{{- define "data-services.checks.programs" }}
  {{- with .Values.postgresql }}
    {{- $alpine := contains "alpine" (.image.tag | default "") }}
    {{- if and .enabled (eq "postgres" (base .image.repository)) }}
      {{- include "common.userChecks" (dict
            "path" "postgresql.podSecurityContext"
            "context" .podSecurityContext
            "user" ($alpine | ternary 70 999)
            "why" "initdb finds no name of this user in the image's /etc/passwd") }}
    {{- end }}
  {{- end }}
  {{- range $server, $folder := dict "postgresql" "/usr/lib/postgresql" "redis" "/usr/local/bin" "s3" "/usr/bin" }}
    {{- $own := index $.Values $server }}
    {{- if $own.enabled }}
      {{- include "common.mountChecks" (dict
            "path" (printf "%s.extraVolumeMounts" $server)
            "mounts" $own.extraVolumeMounts
            "folders" (list $folder)
            "programs" "the server") }}
    {{- end }}
  {{- end }}
{{- end }}

{{- /*
data-services.checks renders all problems of the chart's values.
*/}}
{{- define "data-services.checks" }}
  {{- include "data-services.checks.tls" . }}
  {{- include "data-services.checks.programs" . }}
  {{- include "common.ownedChecks" (dict "ctx" $ "owned" (include "data-services.owned" . | fromYaml)) }}
  {{- include "data-services.checks.settings" . }}
  {{- include "data-services.checks.image" .Values.redis }}
  {{- include "data-services.checks.containers" . }}
  {{- if .Values.s3.enabled }}
    {{- include "data-services.checks.s3" . }}
  {{- end }}
  {{- $owners := dict }}
  {{- range $component, $database := .Values.global.postgresql.databases }}
    {{- with get $owners $database.name }}
      {{- include "common.problem" (dict
            "path" (printf "global.postgresql.databases.%s.name" $component)
            "wrong" (printf "global.postgresql.databases.%s.name is %s too" . $database.name)
            "write" "write another name, since each component needs a database of its own") }}
    {{- end }}
    {{- $_ := set $owners $database.name $component }}
  {{- end }}
{{- end }}
