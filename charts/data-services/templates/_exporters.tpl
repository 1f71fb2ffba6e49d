{{- /*
Metrics exporters in the pods of the stores, rendered if global.monitoring.enabled is true. The exporters'
probes succeed while the store is down, so that the outage shows as a metric.
*/}}

{{- /*
data-services.exporter renders the container of an exporter. Takes `ctx`, `app`, `command`, `port` and `env`, a rendered
YAML list; fails if one is missing.
*/}}
{{- define "data-services.exporter" }}
  {{- include "common.need" (list "data-services.exporter" . "ctx" "app" "command" "port" "env") }}
  {{- $server := index .ctx.Values .app }}
  {{- $get := dict "httpGet" (dict "path" "/" "port" "metrics") -}}
- name: exporter
  {{- include "common.container" (merge (dict "ctx" .ctx) $server.exporter) | nindent 2 }}
  command: [{{ .command }}]
  env:
    {{- .env | nindent 4 }}
  ports:
    - name: metrics
      containerPort: {{ .port }}
  {{- include "common.probes" (dict
        "probes" $server.probes
        "handlers" (dict "startup" $get "readiness" $get "liveness" $get)) | nindent 2 }}
{{- end }}

{{- /*
data-services.postgresql.exporter renders PostgreSQL's exporter, which connects by the pod's socket as a role that may
read statistics. Takes the root context.
*/}}
{{- define "data-services.postgresql.exporter" }}
  {{- if .Values.global.monitoring.enabled }}
    {{- include "data-services.exporter" (dict
          "ctx" $
          "app" "postgresql"
          "command" "/bin/postgres_exporter"
          "port" 9187
          "env" (include "data-services.postgresql.exporterEnv" .)) }}
  volumeMounts:
    - name: socket
      mountPath: /var/run/postgresql
  {{- end }}
{{- end }}

{{- /*
data-services.postgresql.exporterEnv renders the address of PostgreSQL for its exporter. Takes the root context.
*/}}
{{- define "data-services.postgresql.exporterEnv" -}}
- name: DATA_SOURCE_NAME
  value: >-
    host=/var/run/postgresql port={{ .Values.global.postgresql.port }}
    user=postgres_exporter dbname=postgres sslmode=disable
{{- end }}

{{- /*
data-services.redis.exporter renders Redis's exporter. Takes the root context.
*/}}
{{- define "data-services.redis.exporter" }}
  {{- if .Values.global.monitoring.enabled }}
    {{- include "data-services.exporter" (dict
          "ctx" $
          "app" "redis"
          "command" "/redis_exporter"
          "port" 9121
          "env" (include "data-services.redis.exporterEnv" .)) }}
  {{- end }}
{{- end }}

{{- /*
data-services.redis.exporterEnv renders the address and the password of Redis for its exporter. Takes the root context.
*/}}
{{- define "data-services.redis.exporterEnv" -}}
- name: REDIS_ADDR
  value: {{ .Values.redis.tls.enabled | ternary "rediss" "redis" }}://127.0.0.1:{{ .Values.global.redis.port }}
{{- if .Values.redis.tls.enabled }}
# The exporter connects to 127.0.0.1, which the certificate does not name.
- name: REDIS_EXPORTER_SKIP_TLS_VERIFICATION
  value: "true"
{{- end }}
{{- include "common.secretEnv" (dict
      "secret" .Values.global.redis.existingSecret
      "env" (dict "REDIS_PASSWORD" "password")) | nindent 0 }}
{{- include "data-services.generationEnv" (dict "ctx" $ "secret" .Values.global.redis.existingSecret) | nindent 0 }}
{{- end }}
