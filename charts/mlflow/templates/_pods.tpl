{{- /*
mlflow.env renders the environment of a container: the variables that the template named by `of` renders, and extraEnv,
which reaches each container, so that all of them connect to the stores in the same way. Takes `ctx` and `of`, and
fails if one is missing.
*/}}
{{- define "mlflow.env" }}
  {{- include "common.need" (list "mlflow.env" . "ctx" "of") }}
  {{- $env := include .of .ctx }}
  {{- with .ctx.Values.extraEnv }}
    {{- include "common.env" (dict "env" $env "extra" .) }}
  {{- else }}
    {{- /* The text stays as it is: the name of the migration Job ends with its hash. */}}
    {{- $env }}
  {{- end }}
{{- end }}

{{- /*
mlflow.wait renders an init container that waits for the conditions in `for`: database, schema, bucket (files/wait.py).
`of` names the template of its environment. Takes `ctx`, `app`, `for` and `of`; fails if one is missing.
*/}}
{{- define "mlflow.wait" }}
  {{- include "common.need" (list "mlflow.wait" . "ctx" "app" "for" "of") }}
  {{- $mounts := include "mlflow.mounts" (dict "ctx" .ctx "container" "storeClient") }}
  {{- include "common.waitScript" (merge (dict "mounts" $mounts "env" (include "mlflow.env" .)) .) }}
{{- end }}

{{- /*
mlflow.initContainers renders the server's init containers: extraSidecars, one that waits for the stores, one that
writes the configuration of MLflow users (with auth.enabled), and extraInitContainers. Takes the root context.
*/}}
{{- define "mlflow.initContainers" }}
  {{- $s3 := eq .Values.artifacts.store "s3" }}
  {{- include "mlflow.wait" (dict
        "ctx" $
        "app" "mlflow"
        "for" ($s3 | ternary (list "schema" "bucket") (list "schema"))
        "of" ($s3 | ternary "mlflow.storeEnv" "mlflow.databaseEnv")) }}
  {{- if .Values.auth.enabled }}
    {{- include "mlflow.users.configContainer" . | nindent 0 }}
  {{- end }}
  {{- with .Values.extraInitContainers }}
    {{- toYaml . | nindent 0 }}
  {{- end }}
{{- end }}

{{- /*
mlflow.scripts renders the data of the ConfigMap with the scripts. Pods have a checksum of the same text, so
that a changed script replaces the pods. Takes the root context.
*/}}
{{- define "mlflow.scripts" }}
  {{- $files := .Values.auth.enabled | ternary (list "wait.py" "auth.py") (list "wait.py") }}
  {{- include "common.scripts" (dict "ctx" $ "files" $files "modules" (list "waiting")) }}
{{- end }}

{{- /*
mlflow.clientEnv renders the environment of a client of the MLflow server, which logs in as its administrator if
auth.enabled is true. Without direct access, the client has no connection to the storage: by default MLflow's client
asks the server for a URL of the storage, and repeats its downloads from there for many minutes. Takes the root context.
*/}}
{{- define "mlflow.clientEnv" }}
  {{- include "mlflow.toolEnv" . }}
- name: MLFLOW_TRACKING_URI
  value: {{ include "mlflow.url" . | quote }}
  {{- if and .Values.tls.enabled .Values.tls.existingSecret.keys.ca }}
- name: MLFLOW_TRACKING_SERVER_CERT_PATH
  value: /etc/mlflow/server/ca.crt
  {{- end }}
  {{- if .Values.auth.enabled }}
    {{- include "common.secretEnv" (dict
          "secret" .Values.auth.existingSecret
          "env" (dict "MLFLOW_TRACKING_USERNAME" "username" "MLFLOW_TRACKING_PASSWORD" "password")) | nindent 0 }}
  {{- end }}
  {{- if include "mlflow.artifacts.direct" . }}
    {{- with include "mlflow.artifacts.env" . }}
      {{- . | nindent 0 }}
    {{- end }}
  {{- else }}
- name: MLFLOW_ENABLE_PROXY_MULTIPART_DOWNLOAD
  value: "false"
- name: MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD
  value: "false"
  {{- end }}
{{- end }}

{{- /*
mlflow.garbageCollectionEnv renders mlflow.clientEnv and mlflow.backendEnv. Takes the root context.
*/}}
{{- define "mlflow.garbageCollectionEnv" }}
  {{- include "mlflow.clientEnv" . }}
  {{- include "mlflow.backendEnv" . | nindent 0 }}
{{- end }}
