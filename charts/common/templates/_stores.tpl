{{- /*
Environment of a client of the stores in `global`. User names and passwords come from Secrets only.
*/}}

{{- /*
common.postgresqlEnv renders libpq's variables for one of global.postgresql.databases, with user and
password from its Secret. With global.postgresql.tls.existingSecret, the container must mount the CA
certificate at /etc/ssl/postgresql/ca.crt. Takes `ctx` and `database`, the key of the database, and
fails if one is missing.
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

{{- /*
common.s3Endpoint renders the URL of the S3 store, or nothing for AWS's own, whose URL the SDKs know. Takes `ctx`, and
fails without it.
*/}}
{{- define "common.s3Endpoint" }}
  {{- include "common.need" (list "common.s3Endpoint" . "ctx") }}
  {{- with .ctx.Values.global.s3 }}
    {{- if .host }}
      {{- printf "%s://%s:%v" (ternary "https" "http" .tls.enabled) .host .port }}
    {{- end }}
  {{- end }}
{{- end }}

{{- /*
common.s3Credentials renders {secret, env, files} as JSON: `secret` is global.s3.existingSecret, `env` maps variables of
the AWS SDKs to keys of the Secret, `files` maps these keys to the variables. If the Secret has no name, pods use the
identity that a cloud provider grants to them. Takes `ctx`, and fails without it.
*/}}
{{- define "common.s3Credentials" }}
  {{- include "common.need" (list "common.s3Credentials" . "ctx") }}
  {{- $secret := .ctx.Values.global.s3.existingSecret | default (dict "name" "" "keys" dict) }}
  {{- $env := dict "AWS_ACCESS_KEY_ID" "accessKey" "AWS_SECRET_ACCESS_KEY" "secretKey" }}
  {{- if $secret.keys.sessionToken }}
    {{- $_ := set $env "AWS_SESSION_TOKEN" "sessionToken" }}
  {{- end }}
  {{- $files := dict }}
  {{- range $variable, $key := $env }}
    {{- $_ := set $files $key $variable }}
  {{- end }}
  {{- dict "secret" $secret "env" $env "files" $files | toJson }}
{{- end }}

{{- /*
common.s3Env renders the variables of the AWS SDKs, with the keys from global.s3.existingSecret.
Takes `ctx`, and fails without it.
*/}}
{{- define "common.s3Env" }}
  {{- include "common.need" (list "common.s3Env" . "ctx") -}}
- name: AWS_DEFAULT_REGION
  value: {{ .ctx.Values.global.s3.region | quote }}
  {{- $credentials := include "common.s3Credentials" . | fromJson }}
  {{- if $credentials.secret.name }}
    {{- include "common.secretEnv" $credentials | nindent 0 }}
  {{- end }}
{{- end }}
