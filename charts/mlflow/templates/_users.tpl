{{- /*
MLflow's own users (auth.enabled). libpq's variables of the server name the database of runs, so an init container
writes the login of the database of MLflow users to a configuration file in memory. All templates take the root context.
*/}}

{{- /*
mlflow.users.adminEnv renders the environment with the first administrator and the key that signs browser sessions.
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

{{- /*
mlflow.users.databaseEnv renders the environment of a container that connects to the database of MLflow users.
*/}}
{{- define "mlflow.users.databaseEnv" }}
  {{- include "mlflow.toolEnv" . }}
  {{- include "common.postgresqlEnv" (dict "ctx" $ "database" "mlflowAuth") | nindent 0 }}
{{- end }}

{{- /*
mlflow.users.configEnv renders mlflow.users.databaseEnv and what the configuration file contains.
*/}}
{{- define "mlflow.users.configEnv" }}
  {{- include "mlflow.users.databaseEnv" . }}
- name: DEFAULT_PERMISSION
  value: {{ .Values.auth.defaultPermission | quote }}
- name: CACHE_SECONDS
  value: {{ .Values.auth.cacheSeconds | quote }}
- name: MLFLOW_AUTH_CONFIG_PATH
  value: /etc/mlflow/auth/basic_auth.ini
{{- end }}

{{- /*
mlflow.users.configContainer renders the init container that waits for the schema of the database of MLflow
users and writes the configuration file.
*/}}
{{- define "mlflow.users.configContainer" -}}
- name: configure-auth
  {{- include "common.container" (dict
        "ctx" $
        "image" .Values.image
        "resources" .Values.waiting.resources) | nindent 2 }}
  command: [python, /scripts/auth.py, configure]
  env:
    {{- include "mlflow.env" (dict "ctx" $ "of" "mlflow.users.configEnv") | nindent 4 }}
  volumeMounts:
    {{- include "mlflow.mounts" (dict "ctx" $ "container" "authConfig") | nindent 4 }}
{{- end }}

{{- /*
mlflow.users.migrationContainer renders the container of the migration Job that migrates the schema of
the database of MLflow users.
*/}}
{{- define "mlflow.users.migrationContainer" -}}
- name: migrate-auth
  {{- include "common.container" (dict
        "ctx" $
        "image" .Values.image
        "resources" .Values.migration.resources) | nindent 2 }}
  command: [python, /scripts/auth.py, migrate]
  env:
    {{- include "mlflow.env" (dict "ctx" $ "of" "mlflow.users.databaseEnv") | nindent 4 }}
  volumeMounts:
    {{- include "mlflow.mounts" (dict "ctx" $ "container" "storeClient") | nindent 4 }}
{{- end }}
