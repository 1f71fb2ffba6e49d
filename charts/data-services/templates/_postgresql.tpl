{{- /*
PostgreSQL. All templates take the root context.
*/}}

{{- /*
data-services.postgresql.config renders the configuration files. pg_hba.conf accepts the superuser and the exporter by
the pod's socket, and all other clients by password.
*/}}
{{- define "data-services.postgresql.config" -}}
postgresql.conf: |
  listen_addresses = '*'
  port = {{ .Values.global.postgresql.port }}
  unix_socket_directories = '/var/run/postgresql'
  hba_file = '/etc/postgresql/pg_hba.conf'
  ident_file = '/etc/postgresql/pg_ident.conf'
  password_encryption = 'scram-sha-256'
  {{- if .Values.postgresql.tls.enabled }}
  ssl = on
  ssl_cert_file = '/etc/ssl/server/tls.crt'
  ssl_key_file = '/etc/ssl/server/tls.key'
  {{- end }}
  {{- range $name, $value := .Values.postgresql.settings }}
  {{ $name }} = '{{ $value | toString | replace "'" "''" }}'
  {{- end }}
pg_hba.conf: |
  local all postgres peer
  local postgres postgres_exporter peer map=exporter
  {{ .Values.postgresql.tls.enabled | ternary "hostssl" "host" }} all all all scram-sha-256
pg_ident.conf: |
  exporter postgres postgres_exporter
{{- end }}

{{- /*
data-services.postgresql.env renders the paths of the data and of the socket.
*/}}
{{- define "data-services.postgresql.env" -}}
- name: PGDATA
  value: /data/postgresql
- name: PGHOST
  value: /var/run/postgresql
- name: PGPORT
  value: {{ .Values.global.postgresql.port | quote }}
{{- end }}

{{- /*
data-services.postgresql.login renders the superuser's password.
*/}}
{{- define "data-services.postgresql.login" }}
  {{- $secret := .Values.postgresql.superuser.existingSecret }}
  {{- include "common.secretEnv" (dict "secret" $secret "env" (dict "PGPASSWORD" "password")) }}
  {{- include "data-services.generationEnv" (dict "ctx" $ "secret" $secret) | nindent 0 }}
{{- end }}

{{- /*
data-services.postgresql.mounts renders the mounts of PostgreSQL's container and of its init container.
*/}}
{{- define "data-services.postgresql.mounts" -}}
- name: data
  mountPath: /data
- name: config
  mountPath: /etc/postgresql
- name: socket
  mountPath: /var/run/postgresql
  {{- include "data-services.tls.mount" .Values.postgresql | nindent 0 }}
{{- end }}

{{- /*
data-services.postgresql.probes renders the handlers of the probes. The server is ready when it answers a query, and
alive when it answers at all, recovery included.
*/}}
{{- define "data-services.postgresql.probes" -}}
startup:
  exec:
    command: [pg_isready, --quiet]
readiness:
  exec:
    command: [psql, --no-psqlrc, --quiet, --username=postgres, "--command=SELECT 1"]
liveness:
  exec:
    command: [bash, -c, "pg_isready --quiet; [[ $? -lt 2 ]]"]
{{- end }}
