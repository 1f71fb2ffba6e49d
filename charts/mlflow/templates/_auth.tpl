{{- /*
MLflow's own users. They are in a database of their own; its owner's password reaches the server in
a file that an init container writes to memory, since libpq's variables name the other database.
  mlflow.auth.adminEnv      the first administrator, and the key that signs browser sessions
  mlflow.auth.databaseEnv   the database of users
  mlflow.auth.configure     init container that waits for its schema and writes the file
  mlflow.auth.migrate       container of the migration Job that brings its schema
*/}}
{{- define "mlflow.auth.adminEnv" }}
  {{- include "common.secretEnv" (dict
        "secret" .Values.auth.existingSecret
        "env" (dict
          "MLFLOW_AUTH_ADMIN_USERNAME" "username"
          "MLFLOW_AUTH_ADMIN_PASSWORD" "password"
          "MLFLOW_FLASK_SERVER_SECRET_KEY" "sessionKey")) }}
- name: MLFLOW_AUTH_CONFIG_PATH
  value: /etc/mlflow/auth/basic_auth.ini
{{- end }}

{{- define "mlflow.auth.databaseEnv" }}
  {{- include "mlflow.toolEnv" . }}
  {{- include "common.postgresqlEnv" (dict "ctx" $ "database" "mlflowAuth") | nindent 0 }}
{{- end }}

{{- define "mlflow.auth.configure" -}}
- name: configure-auth
  {{- include "common.container" (dict "ctx" $ "image" .Values.image "resources" .Values.waiting.resources) | nindent 2 }}
  command: [python, /scripts/auth.py, configure]
  env:
    {{- include "mlflow.auth.databaseEnv" . | nindent 4 }}
    - name: DEFAULT_PERMISSION
      value: {{ .Values.auth.defaultPermission | quote }}
    - name: CACHE_SECONDS
      value: {{ .Values.auth.cacheSeconds | quote }}
    - name: MLFLOW_AUTH_CONFIG_PATH
      value: /etc/mlflow/auth/basic_auth.ini
  volumeMounts:
    {{- include "mlflow.mounts" (dict "ctx" $ "to" "auth") | nindent 4 }}
{{- end }}

{{- define "mlflow.auth.migrate" -}}
- name: migrate-auth
  {{- include "common.container" (dict "ctx" $ "image" .Values.image "resources" .Values.migration.resources) | nindent 2 }}
  command: [python, /scripts/auth.py, migrate]
  env:
    {{- include "mlflow.auth.databaseEnv" . | nindent 4 }}
  volumeMounts:
    {{- include "mlflow.mounts" (dict "ctx" $ "to" "store") | nindent 4 }}
{{- end }}
