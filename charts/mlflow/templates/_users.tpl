{{- /*
MLflow's own users. They are in a database of their own; its owner's password reaches the server in
a file that an init container writes to memory, since libpq's variables name the other database.
  mlflow.users.adminEnv      the first administrator, and the key that signs browser sessions
  mlflow.users.databaseEnv   the database of users
  mlflow.users.configContainer     init container that waits for its schema and writes the file
  mlflow.users.migrationContainer       container of the migration Job that brings its schema
*/}}
{{- define "mlflow.users.adminEnv" }}
  {{- include "common.secretEnv" (dict
        "secret" .Values.auth.existingSecret
        "env" (dict
          "MLFLOW_AUTH_ADMIN_USERNAME" "username"
          "MLFLOW_AUTH_ADMIN_PASSWORD" "password"
          "MLFLOW_FLASK_SERVER_SECRET_KEY" "sessionKey")) }}
- name: MLFLOW_AUTH_CONFIG_PATH
  value: /etc/mlflow/auth/basic_auth.ini
{{- end }}

{{- define "mlflow.users.databaseEnv" }}
  {{- include "mlflow.toolEnv" . }}
  {{- include "common.postgresqlEnv" (dict "ctx" $ "database" "mlflowAuth") | nindent 0 }}
{{- end }}

{{- define "mlflow.users.configContainer" -}}
- name: configure-auth
  {{- include "common.container" (dict
        "ctx" $
        "image" .Values.image
        "resources" .Values.waiting.resources) | nindent 2 }}
  command: [python, /scripts/auth.py, configure]
  env:
    {{- include "mlflow.users.databaseEnv" . | nindent 4 }}
    - name: DEFAULT_PERMISSION
      value: {{ .Values.auth.defaultPermission | quote }}
    - name: CACHE_SECONDS
      value: {{ .Values.auth.cacheSeconds | quote }}
    - name: MLFLOW_AUTH_CONFIG_PATH
      value: /etc/mlflow/auth/basic_auth.ini
  volumeMounts:
    {{- include "mlflow.mounts" (dict "ctx" $ "container" "authConfig") | nindent 4 }}
{{- end }}

{{- define "mlflow.users.migrationContainer" -}}
- name: migrate-auth
  {{- include "common.container" (dict
        "ctx" $
        "image" .Values.image
        "resources" .Values.migration.resources) | nindent 2 }}
  command: [python, /scripts/auth.py, migrate]
  env:
    {{- include "mlflow.users.databaseEnv" . | nindent 4 }}
  volumeMounts:
    {{- include "mlflow.mounts" (dict "ctx" $ "container" "storeClient") | nindent 4 }}
{{- end }}
