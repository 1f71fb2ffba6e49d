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
  {{- $own := list "initialize" "postgresql" "exporter" "wait-for-.*" }}
  {{- range $key, $database := .Values.global.postgresql.databases }}
    {{- $own = append $own (include "data-services.databases.container" (dict "key" $key "database" $database)) }}
  {{- end }}
  {{- range $store, $names := dict "postgresql" $own "s3" (list "buckets") }}
    {{- $pod := dict "values" (index $.Values $store) "prefix" (printf "%s." $store) }}
    {{- include "common.containerChecks" (merge (dict "own" (join "|" $names)) $pod) }}
    {{- include "common.claimChecks" $pod }}
  {{- end }}
{{- end }}
