{{- /*
  data-services.postgresql.config  PostgreSQL's files: its settings, and who may log in - the
                                   superuser over the pod's own socket, everyone else by password
  data-services.postgresql.env     where its programs find data and socket
  data-services.postgresql.login   the superuser's password, where it is needed
  data-services.postgresql.mounts  what both containers of the pod mount
  data-services.postgresql.probes  ready: it answers a query. Alive: it answers at all, be it that
                                   it is still recovering.
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

{{- define "data-services.postgresql.env" -}}
- name: PGDATA
  value: /data/postgresql
- name: PGHOST
  value: /var/run/postgresql
- name: PGPORT
  value: {{ .Values.global.postgresql.port | quote }}
{{- end }}

{{- define "data-services.postgresql.login" }}
  {{- $secret := .Values.postgresql.superuser.existingSecret }}
  {{- include "common.secretEnv" (dict "secret" $secret "env" (dict "PGPASSWORD" "password")) }}
  {{- include "data-services.generationEnv" (dict "ctx" $ "secret" $secret) | nindent 0 }}
{{- end }}

{{- define "data-services.postgresql.mounts" -}}
- name: data
  mountPath: /data
- name: config
  mountPath: /etc/postgresql
- name: socket
  mountPath: /var/run/postgresql
  {{- include "data-services.tls.mount" .Values.postgresql | nindent 0 }}
{{- end }}

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
