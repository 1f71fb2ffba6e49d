{{- /*
Where artifacts are, by `artifacts.store`.
  mlflow.artifacts.uri     their root
  mlflow.artifacts.env     what reaches it: place and credentials of the store
  mlflow.artifacts.files   what containers mount of it, for mlflow.files
  mlflow.artifacts.claim   the volume claim of the store `file`
  mlflow.artifacts.exclusive  "true" if its volume is for one pod at a time, else empty
  mlflow.artifacts.direct  "true" if clients reach the store themselves, else empty
*/}}
{{- define "mlflow.artifacts.direct" }}
  {{- eq .Values.artifacts.access "direct" | ternary "true" "" }}
{{- end }}

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

{{- define "mlflow.artifacts.env" }}
  {{- if eq .Values.artifacts.store "s3" }}
    {{- include "common.s3Env" (dict "ctx" $) }}
- name: MLFLOW_S3_ENDPOINT_URL
  value: {{ include "common.s3Endpoint" (dict "ctx" $) | quote }}
  {{- else if and (eq .Values.artifacts.store "gcs") .Values.artifacts.gcs.existingSecret.name -}}
- name: GOOGLE_APPLICATION_CREDENTIALS
  value: /etc/mlflow/gcs/key.json
  {{- else if and (eq .Values.artifacts.store "azure") .Values.artifacts.azure.existingSecret.name }}
    {{- include "common.secretEnv" (dict
          "secret" .Values.artifacts.azure.existingSecret
          "env" (dict "AZURE_STORAGE_ACCESS_KEY" "accessKey")) }}
  {{- end }}
{{- end }}

{{- define "mlflow.artifacts.claim" }}
  {{- $name := include "common.name" (dict "ctx" $ "app" "mlflow" "component" "artifacts") }}
  {{- .Values.artifacts.file.existingClaim | default $name }}
{{- end }}

{{- define "mlflow.artifacts.exclusive" }}
  {{- $shared := eq .Values.artifacts.file.accessMode "ReadWriteMany" }}
  {{- and (eq .Values.artifacts.store "file") (not $shared) | ternary "true" "" }}
{{- end }}

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
