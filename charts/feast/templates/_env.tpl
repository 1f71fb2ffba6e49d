{{- /*
Environment variables. Each of the first three templates includes the variables of the template above it.
  feast.toolEnv    all containers: a writable HOME, the folder of the feature repository, the CA bundle
  feast.chartEnv   also feature_store.yaml and the stores. Feast's configuration reads the credentials from
                   SECRET_X, libpq and the AWS tools read them from variables of their own.
  feast.storeEnv   also `extraEnv`
  feast.serverEnv  feast.storeEnv and the trace exporter of the feature servers
  feast.usesPostgresql, feast.usesS3  "true" if any of Feast's data is in that store, else empty
*/}}
{{- define "feast.toolEnv" -}}
- name: HOME
  value: /tmp
- name: PYTHONDONTWRITEBYTECODE
  value: "1"
- name: FEATURE_REPO_DIR_ENV_VAR
  {{- if eq .Values.repository.source "none" }}
  value: /etc/feast
  {{- else }}
  value: {{ include "feast.repository.folder" . }}
  {{- end }}
  {{- include "common.caBundleEnv" (dict "ctx" $ "folder" "/etc/ssl/bundle") }}
{{- end }}

{{- define "feast.usesPostgresql" }}
  {{- $types := list .Values.onlineStore.type .Values.offlineStore.type }}
  {{- or (eq .Values.registry.store "sql") (has "postgresql" $types) | ternary "true" "" }}
{{- end }}

{{- define "feast.usesS3" }}
  {{- or (eq .Values.registry.store "s3") .Values.s3.enabled | ternary "true" "" }}
{{- end }}

{{- define "feast.chartEnv" }}
  {{- include "feast.toolEnv" . }}
  {{- if ne .Values.repository.source "none" }}
- name: FEAST_FS_YAML_FILE_PATH
  value: /etc/feast/feature_store.yaml
  {{- end }}
  {{- if include "feast.usesPostgresql" . }}
    {{- include "common.postgresqlEnv" (dict "ctx" $ "database" "feast") | nindent 0 }}
    {{- include "common.secretEnv" (dict
          "secret" .Values.global.postgresql.databases.feast.existingSecret
          "env" (dict "SECRET_PGUSER" "username" "SECRET_PGPASSWORD" "password")) | nindent 0 }}
  {{- end }}
  {{- if eq .Values.onlineStore.type "redis" }}
    {{- $secret := .Values.global.redis.existingSecret }}
    {{- $user := $secret.keys.username | empty | ternary dict (dict "SECRET_REDIS_USERNAME" "username") }}
    {{- include "common.secretEnv" (dict
          "secret" $secret
          "env" (merge (dict "SECRET_REDIS_PASSWORD" "password") $user)) | nindent 0 }}
  {{- end }}
  {{- if include "feast.usesS3" . }}
    {{- include "common.s3Env" (dict "ctx" $) | nindent 0 }}
    {{- with include "common.s3Endpoint" (dict "ctx" $) }}
      {{- $endpoint := . }}
      {{- range list "FEAST_S3_ENDPOINT_URL" "AWS_ENDPOINT_URL_S3" }}
- name: {{ . }}
  value: {{ $endpoint | quote }}
      {{- end }}
    {{- end }}
    {{- if include "feast.awsConfig" . }}
- name: AWS_CONFIG_FILE
  value: /etc/feast/aws-config
    {{- end }}
  {{- end }}
{{- end }}

{{- define "feast.storeEnv" }}
  {{- include "common.env" (dict "env" (include "feast.chartEnv" .) "extra" .Values.extraEnv) }}
{{- end }}

{{- define "feast.serverEnv" }}
  {{- $traces := include "common.tracesEnv" (dict "ctx" $ "app" "feast" "component" "server") }}
  {{- $all := list $traces (include "feast.chartEnv" .) | join "\n" }}
  {{- include "common.env" (dict "env" $all "extra" .Values.extraEnv) }}
{{- end }}
