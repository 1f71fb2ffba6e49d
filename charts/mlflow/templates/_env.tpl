{{- /*
Environment of the containers. All templates take the root context.
*/}}

{{- /*
mlflow.toolEnv renders what every container needs: a writable HOME, a name for the user ID that the image does not
define, the CA bundle, and no telemetry.
*/}}
{{- define "mlflow.toolEnv" -}}
- name: HOME
  value: /tmp
- name: USER
  value: mlflow
- name: PYTHONDONTWRITEBYTECODE
  value: "1"
- name: MLFLOW_DISABLE_TELEMETRY
  value: "true"
- name: GIT_PYTHON_REFRESH
  value: quiet
  {{- include "common.caBundleEnv" (dict "ctx" $ "folder" "/etc/mlflow/ca") }}
{{- end }}

{{- /*
mlflow.databaseEnv renders mlflow.toolEnv and mlflow.backendEnv.
*/}}
{{- define "mlflow.databaseEnv" }}
  {{- include "mlflow.toolEnv" . }}
  {{- include "mlflow.backendEnv" . | nindent 0 }}
{{- end }}

{{- /*
mlflow.backendEnv renders the address and the login of the database of runs and models.
*/}}
{{- define "mlflow.backendEnv" }}
  {{- include "common.postgresqlEnv" (dict "ctx" $ "database" "mlflow") }}
- name: MLFLOW_BACKEND_STORE_URI
  {{- with .Values.global.postgresql }}
  value: postgresql+psycopg2://{{ .host }}:{{ .port }}/{{ .databases.mlflow.name }}
  {{- end }}
{{- end }}

{{- /*
mlflow.storeEnv renders mlflow.databaseEnv and the artifact storage.
*/}}
{{- define "mlflow.storeEnv" }}
  {{- include "mlflow.databaseEnv" . }}
  {{- with include "mlflow.artifacts.env" . }}
    {{- . | nindent 0 }}
  {{- end }}
  {{- if include "mlflow.artifacts.direct" . }}
- name: MLFLOW_DEFAULT_ARTIFACT_ROOT
  {{- else }}
- name: MLFLOW_ARTIFACTS_DESTINATION
  {{- end }}
  value: {{ include "mlflow.artifacts.uri" . | quote }}
{{- end }}

{{- /*
mlflow.serverEnv renders mlflow.storeEnv and the settings of the MLflow server.
*/}}
{{- define "mlflow.serverEnv" }}
  {{- include "mlflow.storeEnv" . }}
  {{- with .Values.database.readReplica }}
    {{- if .host }}
- name: MLFLOW_READ_REPLICA_BACKEND_STORE_URI
  value: postgresql+psycopg2://{{ .host }}:{{ .port }}/{{ $.Values.global.postgresql.databases.mlflow.name }}
    {{- end }}
  {{- end }}
  {{- if .Values.auth.enabled }}
    {{- include "mlflow.users.adminEnv" . | nindent 0 }}
  {{- end }}
  {{- include "mlflow.gatewayEnv" .Values.gateway | nindent 0 }}
- name: MLFLOW_SERVER_X_FRAME_OPTIONS
  value: {{ .Values.xFrameOptions | quote }}
- name: MLFLOW_SQLALCHEMYSTORE_POOL_SIZE
  value: {{ .Values.database.pool.size | quote }}
- name: MLFLOW_SQLALCHEMYSTORE_MAX_OVERFLOW
  value: {{ .Values.database.pool.maxOverflow | quote }}
- name: MLFLOW_SQLALCHEMYSTORE_POOL_RECYCLE
  value: {{ .Values.database.pool.recycleSeconds | quote }}
- name: MLFLOW_SERVER_ENABLE_JOB_EXECUTION
  value: {{ .Values.backgroundJobs.enabled | quote }}
- name: POD_IP
  valueFrom:
    fieldRef:
      fieldPath: status.podIP
- name: MLFLOW_SERVER_ALLOWED_HOSTS
  value: {{ include "mlflow.allowedHosts" . | quote }}
  {{- with include "mlflow.corsOrigins" . }}
- name: MLFLOW_SERVER_CORS_ALLOWED_ORIGINS
  value: {{ . | quote }}
  {{- end }}
  {{- with include "common.tracesEnv" (dict "ctx" $ "app" "mlflow") }}
    {{- . | nindent 0 }}
  {{- end }}
{{- end }}
