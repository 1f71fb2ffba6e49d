{{- /*
data-services.databases.container renders the name of the container that creates a database. Takes `key` and `database`,
an entry of global.postgresql.databases, and fails if one is missing.
*/}}
{{- define "data-services.databases.container" }}
  {{- include "common.need" (list "data-services.databases.container" . "key" "database") }}
  {{- .database.name | lower | replace "_" "-" | trimAll "-" | default (lower .key) }}
{{- end }}

{{- /*
data-services.checks.containers renders the problems of the containers that values add to the pods of PostgreSQL and of
the S3 server, and to their Jobs. Takes the root context.
*/}}
{{- define "data-services.checks.containers" }}
  {{- $postgresql := .Values.postgresql.enabled }}
  {{- $own := dict
        "initialize|postgresql|wait-for-.*" $postgresql
        "exporter" (and $postgresql .Values.global.monitoring.enabled) }}
  {{- range $key, $database := .Values.global.postgresql.databases }}
    {{- $name := include "data-services.databases.container" (dict "key" $key "database" $database) }}
    {{- $_ := set $own $name $postgresql }}
  {{- end }}
  {{- range $store, $names := dict "postgresql" $own "s3" (dict "buckets" .Values.s3.enabled) }}
    {{- $pod := dict "values" (index $.Values $store) "prefix" (printf "%s." $store) }}
    {{- include "common.containerChecks" (merge (dict "own" $names) $pod) }}
    {{- include "common.claimChecks" $pod }}
  {{- end }}
{{- end }}
