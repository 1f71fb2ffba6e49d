{{- /*
254carbon.checks.stores renders a problem for each store that an enabled chart connects to if the release does not
contain the store and `global` has no address of it, and for each store that is both in the release and external. Takes
the root context.
*/}}
{{- define "254carbon.checks.stores" }}
  {{- $chart := index .Values "data-services" }}
  {{- $clients := include "254carbon.storeClients" . | fromJson }}
  {{- range $store, $title := dict "postgresql" "PostgreSQL" "redis" "Redis" "s3" "S3 server" }}
    {{- $key := $chart.enabled | ternary (printf "data-services.%s.enabled" $store) "data-services.enabled" }}
    {{- $embedded := and $chart.enabled (get $chart $store).enabled }}
    {{- $there := get ($.Values.global | default dict) $store | default dict }}
    {{- $users := get $clients $store }}
    {{- if and $users (not $embedded) (not $there.external) (not (hasKey $there "host")) }}
      {{- include "common.problem" (dict
            "path" $key
            "wrong" (printf "the release has no %s, global.%s.host is not set, and %s connect to it"
              $title $store (join " and " $users))
            "write" (printf "set global.%s.host%s, or global.%s.external: true if the Service %s is another team's"
              $store (eq $store "s3" | ternary ` ("" is AWS's own S3)` "") $store $store)) }}
    {{- else if and $embedded $there.external }}
      {{- include "common.problem" (dict
            "path" (printf "global.%s.external" $store)
            "wrong" (printf "the value is true, and %s is true" (printf "data-services.%s.enabled" $store))
            "write" (printf "write false, or data-services.%s.enabled: false" $store)) }}
    {{- end }}
  {{- end }}
{{- end }}

{{- /*
254carbon.checks.backups renders a problem for each enabled chart of a store that the enabled chart backup would back up
without a dump. Takes the root context.
*/}}
{{- define "254carbon.checks.backups" }}
  {{- if .Values.backup.enabled }}
    {{- range $name, $store := .Values.backup.stores }}
      {{- if and $store (hasKey $.Subcharts $name) (not $store.enabled) }}
        {{- include "common.problem" (dict
              "path" (printf "backup.stores.%s.enabled" $name)
              "wrong" (printf
                "the value is false, and %s.enabled is true, so backups have no consistent copy of its data" $name)
              "write" (printf "write true, or backup.stores.%s: null if nobody needs the data" $name)) }}
      {{- end }}
    {{- end }}
  {{- end }}
{{- end }}

{{- /*
254carbon.checks.gateway renders a problem if the Secret of MLflow's gateway is not the one that the credentials Job of
data-services creates. Takes the root context.
*/}}
{{- define "254carbon.checks.gateway" }}
  {{- $made := index .Values "data-services" }}
  {{- if and .Subcharts.mlflow $made.enabled $made.postgresql.enabled $made.credentials.enabled }}
    {{- $wanted := .Values.mlflow.gateway.existingSecret }}
    {{- with $made.credentials.mlflowGateway.existingSecret }}
      {{- $names := list (printf "%s (key %s)" $wanted.name $wanted.keys.passphrase) }}
      {{- $names = append $names (printf "%s (key %s)" .name .keys.passphrase) }}
      {{- if and .name (ne (first $names) (last $names)) }}
        {{- include "common.problem" (dict
              "path" "data-services.credentials.mlflowGateway.existingSecret"
              "wrong" (printf "the credentials Job creates the Secret %s, and mlflow.gateway.existingSecret is %s"
                (last $names) (first $names))
              "write" "write the same name and key in both, or an empty name here if you create the Secret") }}
      {{- end }}
    {{- end }}
  {{- end }}
{{- end }}

{{- /*
254carbon.storeClients renders the enabled charts that connect to the address of each store in `global`, as JSON.
Takes the root context.
*/}}
{{- define "254carbon.storeClients" }}
  {{- $clients := dict "postgresql" list "redis" list "s3" list }}
  {{- with .Subcharts.mlflow }}
    {{- $_ := set $clients "postgresql" (append $clients.postgresql "mlflow") }}
    {{- if eq .Values.artifacts.store "s3" }}
      {{- $_ := set $clients "s3" (append $clients.s3 "mlflow") }}
    {{- end }}
  {{- end }}
  {{- with .Subcharts.feast }}
    {{- if include "feast.usesPostgresql" . }}
      {{- $_ := set $clients "postgresql" (append $clients.postgresql "feast") }}
    {{- end }}
    {{- if and (eq .Values.onlineStore.type "redis") (not .Values.onlineStore.redis.nodes) }}
      {{- $_ := set $clients "redis" (append $clients.redis "feast") }}
    {{- end }}
    {{- if include "feast.usesS3" . }}
      {{- $_ := set $clients "s3" (append $clients.s3 "feast") }}
    {{- end }}
  {{- end }}
  {{- with index .Subcharts "ray-cluster" }}
    {{- if .Values.gcsFaultTolerance.enabled }}
      {{- $_ := set $clients "redis" (append $clients.redis "ray-cluster") }}
    {{- end }}
  {{- end }}
  {{- $clients | toJson }}
{{- end }}
