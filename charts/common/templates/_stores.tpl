{{- /*
Environment of a client of the shared stores, from `global`; user and password only from Secrets.
  common.postgresqlEnv  libpq's own variables for the `database` of that name in
                        global.postgresql.databases; understood by psql, psycopg and their kin;
                        global.postgresql.tls.existingSecret is to be mounted at /etc/ssl/postgresql
  common.s3Env          what boto3 and the AWS tools read
  common.s3Endpoint     the store's URL
*/}}
{{- define "common.postgresqlEnv" }}
  {{- include "common.need" (list "common.postgresqlEnv" . "ctx" "database") }}
  {{- $server := .ctx.Values.global.postgresql }}
  {{- $database := index $server.databases .database -}}
- name: PGHOST
  value: {{ $server.host | quote }}
- name: PGPORT
  value: {{ $server.port | quote }}
- name: PGDATABASE
  value: {{ $database.name | quote }}
- name: PGSSLMODE
  value: {{ $server.tls.mode | quote }}
  {{- with $server.tls.existingSecret }}
    {{- if .name }}
- name: PGSSLROOTCERT
  value: /etc/ssl/postgresql/ca.crt
    {{- end }}
  {{- end }}
- name: PGAPPNAME
  value: {{ .ctx.Chart.Name | quote }}
- name: PGCONNECT_TIMEOUT
  value: "10"
  {{- include "common.secretEnv" (dict
        "secret" $database.existingSecret
        "env" (dict "PGUSER" "username" "PGPASSWORD" "password")) | nindent 0 }}
{{- end }}

{{- define "common.s3Endpoint" }}
  {{- include "common.need" (list "common.s3Endpoint" . "ctx") }}
  {{- with .ctx.Values.global.s3 }}
    {{- printf "%s://%s:%v" (ternary "https" "http" .tls.enabled) .host .port }}
  {{- end }}
{{- end }}

{{- define "common.s3Env" }}
  {{- include "common.need" (list "common.s3Env" . "ctx") -}}
- name: AWS_DEFAULT_REGION
  value: {{ .ctx.Values.global.s3.region | quote }}
  {{- include "common.secretEnv" (dict
        "secret" .ctx.Values.global.s3.existingSecret
        "env" (dict "AWS_ACCESS_KEY_ID" "accessKey" "AWS_SECRET_ACCESS_KEY" "secretKey")) | nindent 0 }}
{{- end }}
