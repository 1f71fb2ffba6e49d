{{- /*
  feast.checks.stores  renders the problems of PostgreSQL, of Redis Sentinel and of Trino
*/}}
{{- define "feast.checks.stores" }}
  {{- if include "feast.usesPostgresql" . }}
    {{- include "common.postgresqlTlsChecks" (dict "ctx" $) }}
  {{- end }}
  {{- $mode := .Values.global.redis.tls.mode }}
  {{- $sentinel := and (eq .Values.onlineStore.type "redis") (eq .Values.onlineStore.redis.topology "sentinel") }}
  {{- if and $sentinel (ne $mode "disable") }}
    {{- /* RedisOnlineStore._get_client gives redis-py no sentinel_kwargs, so it connects without TLS and password. */}}
    {{- include "common.problem" (dict
          "path" "global.redis.tls.mode"
          "wrong" (printf "the mode is %s, and Feast connects to Sentinels without TLS and without a password" $mode)
          "write" "write disable, or write cluster or single in onlineStore.redis.topology") }}
  {{- end }}
  {{- if and $sentinel (not .Values.onlineStore.redis.nodes) }}
    {{- include "common.problem" (dict
          "path" "onlineStore.redis.nodes"
          "wrong" "the list is empty, and Feast would use the Redis of global.redis as a Sentinel"
          "write" "write the addresses of the Sentinels") }}
  {{- end }}
  {{- with .Values.offlineStore }}
    {{- if eq .type "trino" }}
      {{- if hasSuffix "feastdev/feature-server" $.Values.image.repository }}
        {{- include "common.problem" (dict
              "path" "image.repository"
              "wrong" (printf "%s has no Trino client, which offlineStore.type trino needs" $.Values.image.repository)
              "write" "write an image with the Trino client, such as one built from tools/images/feast-trino") }}
      {{- end }}
      {{- range $key := list "host" "port" "catalog" "user" "connector" }}
        {{- if not (hasKey $.Values.offlineStore.settings $key) }}
          {{- include "common.problem" (dict
                "path" (printf "offlineStore.settings.%s" $key)
                "wrong" "the key is missing, and Feast needs it for Trino"
                "write" "add the key; values/production.yaml shows an example") }}
        {{- end }}
      {{- end }}
    {{- end }}
  {{- end }}
{{- end }}
