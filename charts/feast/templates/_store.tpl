{{- /*
feature_store.yaml. Feast replaces variables in this file as plain text, so the file refers to a secret
only by its quoted copy (files/quoting.py). libpq reads the registry's user and password by itself.
  feast.config          the whole file
  feast.registry        section `registry`, by `registry.store`
  feast.onlineStore     section `online_store`, by `onlineStore.type`
  feast.offlineStore    section `offline_store`, by `offlineStore.type`
  feast.awsConfig       configuration file of the AWS SDK for Python, which reads the addressing style from no variable;
                        nothing by default
  feast.redis           connection string of Redis, with its options
  feast.postgresql      settings of PostgreSQL as online or offline store
*/}}
{{- define "feast.config" }}
  {{- $config := dict
        "project" .Values.project
        "provider" "local"
        "registry" (include "feast.registry" . | fromYaml)
        "online_store" (include "feast.onlineStore" . | fromYaml)
        "offline_store" (include "feast.offlineStore" . | fromYaml)
        "auth" (include "feast.auth" . | fromYaml)
        "entity_key_serialization_version" 3 }}
  {{- mergeOverwrite $config (deepCopy .Values.extraSettings) | toYaml }}
{{- end }}

{{- define "feast.registry" -}}
# A background thread refreshes the registry, so requests don't wait for its store.
cache_mode: thread
cache_ttl_seconds: {{ .Values.registry.refreshSeconds }}
  {{- with .Values.global.postgresql }}
    {{- if eq $.Values.registry.store "sql" }}
registry_type: sql
path: postgresql+psycopg://{{ .host }}:{{ .port }}/{{ .databases.feast.name }}
schema_mode: verify
# A refresh makes many queries, so a connection stays open; pool_pre_ping replaces one that the database closed.
    {{- $more := sub $.Values.registry.maxConnections 1 }}
sqlalchemy_config_kwargs: {pool_pre_ping: true, pool_size: 1, max_overflow: {{ $more }}}
    {{- else if eq $.Values.registry.store "s3" }}
registry_type: file
path: s3://{{ $.Values.global.s3.buckets.feast.name }}/{{ $.Values.registry.s3.path }}
    {{- else }}
registry_type: file
path: /registry/registry.db
    {{- end }}
  {{- end }}
{{- end }}

{{- define "feast.onlineStore" }}
  {{- $topology := .Values.onlineStore.redis.topology }}
  {{- if eq .Values.onlineStore.type "redis" -}}
type: redis
redis_type: {{ eq $topology "single" | ternary "redis" (printf "redis_%s" $topology) }}
connection_string: {{ include "feast.redis" . | squote }}
    {{- if eq $topology "sentinel" }}
sentinel_master: {{ .Values.onlineStore.redis.sentinelMaster }}
    {{- end }}
    {{- with .Values.onlineStore.keyTtlSeconds }}
key_ttl_seconds: {{ . }}
    {{- end }}
  {{- else }}
    {{- include "feast.postgresql" . }}
  {{- end }}
{{- end }}

{{- define "feast.awsConfig" }}
  {{- if and (include "feast.usesS3" .) (ne .Values.global.s3.addressingStyle "auto") -}}
[default]
s3 =
  addressing_style = {{ .Values.global.s3.addressingStyle }}
  {{- end }}
{{- end }}

{{- define "feast.redis" }}
  {{- $redis := .Values.global.redis }}
  {{- $options := .Values.onlineStore.redis.nodes | default (list (printf "%s:%v" $redis.host $redis.port)) }}
  {{- $options = append $options "password=${QUOTED_REDIS_PASSWORD}" }}
  {{- if $redis.existingSecret.keys.username }}
    {{- $options = append $options "username=${QUOTED_REDIS_USERNAME}" }}
  {{- end }}
  {{- if eq .Values.onlineStore.redis.topology "single" }}
    {{- $options = append $options (printf "db=%v" .Values.onlineStore.redis.database) }}
  {{- end }}
  {{- $timeouts := dict "connect" "socket_connect_timeout" "answer" "socket_timeout" }}
  {{- range $name, $seconds := .Values.onlineStore.redis.timeoutSeconds }}
    {{- $options = append $options (printf "%s=%v" (get $timeouts $name) $seconds) }}
  {{- end }}
  {{- if ne $redis.tls.mode "disable" }}
    {{- $verified := eq $redis.tls.mode "verify-full" }}
    {{- $options = concat $options (list
          "ssl=true"
          (printf "ssl_cert_reqs=%s" ($verified | ternary "required" "none"))
          (printf "ssl_check_hostname=%v" $verified)) }}
    {{- if ($redis.tls.existingSecret).name }}
      {{- $options = append $options "ssl_ca_certs=/etc/ssl/redis/ca.crt" }}
    {{- end }}
  {{- end }}
  {{- join "," $options }}
{{- end }}

{{- define "feast.postgresql" -}}
type: postgres
  {{- with .Values.global.postgresql }}
host: {{ .host }}
port: {{ .port }}
database: {{ .databases.feast.name }}
user: ${QUOTED_PGUSER}
password: ${QUOTED_PGPASSWORD}
sslmode: {{ .tls.mode }}
    {{- if (.tls.existingSecret).name }}
sslrootcert_path: /etc/ssl/postgresql/ca.crt
    {{- end }}
  {{- end }}
{{- end }}

{{- define "feast.offlineStore" }}
  {{- $store := dict "type" .Values.offlineStore.type }}
  {{- if eq .Values.offlineStore.type "postgresql" }}
    {{- $store = include "feast.postgresql" . | fromYaml }}
  {{- end }}
  {{- merge (deepCopy .Values.offlineStore.settings) $store | toYaml }}
{{- end }}
