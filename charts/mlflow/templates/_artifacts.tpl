{{- /*
Storage of artifacts, by artifacts.store. All templates take the root context.
*/}}

{{- /*
mlflow.artifacts.direct renders "true" if clients connect to the artifact storage themselves, else nothing.
*/}}
{{- define "mlflow.artifacts.direct" }}
  {{- eq .Values.artifacts.access "direct" | ternary "true" "" }}
{{- end }}

{{- /*
mlflow.artifacts.uri renders the URI of the folder that holds all artifacts.
*/}}
{{- define "mlflow.artifacts.uri" }}
  {{- $root := "/artifacts" }}
  {{- with .Values.artifacts }}
    {{- if eq .store "s3" }}
      {{- $root = printf "s3://%s" $.Values.global.s3.buckets.mlflow.name }}
    {{- else if eq .store "gcs" }}
      {{- $root = printf "gs://%s" .gcs.bucket }}
    {{- else if eq .store "azure" }}
      {{- $root = printf "wasbs://%s@%s.blob.core.windows.net" .azure.container .azure.account }}
    {{- end }}
    {{- printf "%s/%s" $root .prefix | trimSuffix "/" }}
  {{- end }}
{{- end }}

{{- /*
mlflow.artifacts.env renders the environment with the storage's endpoint and credentials.
*/}}
{{- define "mlflow.artifacts.env" }}
  {{- if eq .Values.artifacts.store "s3" }}
    {{- include "common.s3Env" (dict "ctx" $) }}
    {{- with include "common.s3Endpoint" (dict "ctx" $) }}
- name: MLFLOW_S3_ENDPOINT_URL
  value: {{ . | quote }}
    {{- end }}
    {{- if ne .Values.global.s3.addressingStyle "auto" }}
- name: MLFLOW_BOTO_CLIENT_ADDRESSING_STYLE
  value: {{ .Values.global.s3.addressingStyle }}
    {{- end }}
  {{- else if and (eq .Values.artifacts.store "gcs") (.Values.artifacts.gcs.existingSecret).name -}}
- name: GOOGLE_APPLICATION_CREDENTIALS
  value: /etc/mlflow/gcs/key.json
  {{- else if and (eq .Values.artifacts.store "azure") (.Values.artifacts.azure.existingSecret).name }}
    {{- include "common.secretEnv" (dict
          "secret" .Values.artifacts.azure.existingSecret
          "env" (dict "AZURE_STORAGE_ACCESS_KEY" "accessKey")) }}
  {{- end }}
{{- end }}

{{- /*
mlflow.artifacts.claim renders the name of the PersistentVolumeClaim of artifacts.store file.
*/}}
{{- define "mlflow.artifacts.claim" }}
  {{- $name := include "common.name" (dict "ctx" $ "app" "mlflow" "component" "artifacts") }}
  {{- .Values.artifacts.file.existingClaim | default $name }}
{{- end }}

{{- /*
mlflow.artifacts.exclusive renders "true" if only one pod at a time may mount the artifact volume, else nothing.
*/}}
{{- define "mlflow.artifacts.exclusive" }}
  {{- $shared := eq .Values.artifacts.file.accessMode "ReadWriteMany" }}
  {{- and (eq .Values.artifacts.store "file") (not $shared) | ternary "true" "" }}
{{- end }}

{{- /*
mlflow.artifacts.files renders the items of the list mlflow.files for the artifact storage.
*/}}
{{- define "mlflow.artifacts.files" }}
  {{- with .Values.artifacts }}
    {{- if eq .store "gcs" }}
- name: gcs
  containers: {{ eq .access "direct" | ternary (list "server" "garbageCollection" "test") (list "server") | toJson }}
  mountPath: /etc/mlflow/gcs
  secret: {{ toJson .gcs.existingSecret }}
  files: {serviceAccount: key.json}
    {{- else if eq .store "file" }}
- name: artifacts
  containers: [server]
  mountPath: /artifacts
  volume: {persistentVolumeClaim: {claimName: {{ include "mlflow.artifacts.claim" $ }}}}
    {{- end }}
  {{- end }}
{{- end }}
