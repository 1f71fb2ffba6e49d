{{- /*
  mlflow.wait     init container that waits for the things in `for` (files/wait.py knows them)
  mlflow.inits    what holds a server until the stores are as it needs them
  mlflow.scripts  the scripts' text, for checksums
*/}}
{{- define "mlflow.wait" }}
  {{- include "common.need" (list "mlflow.wait" . "ctx" "app" "for" "env") }}
  {{- include "common.waitContainer" (merge (dict
        "for" (join "-and-" .for)
        "image" .ctx.Values.image
        "resources" .ctx.Values.waiting.resources
        "command" (concat (list "python" "/scripts/wait.py") .for)
        "mounts" (include "mlflow.mounts" (dict "ctx" .ctx "container" "storeClient"))) .) }}
{{- end }}

{{- define "mlflow.inits" }}
  {{- include "mlflow.wait" (dict
        "ctx" $
        "app" "mlflow"
        "for" (eq .Values.artifacts.store "s3" | ternary (list "schema" "bucket") (list "schema"))
        "env" (include "mlflow.storeEnv" .)) }}
  {{- if .Values.auth.enabled }}
    {{- include "mlflow.users.configContainer" . | nindent 0 }}
  {{- end }}
  {{- with .Values.extraInitContainers }}
    {{- toYaml . | nindent 0 }}
  {{- end }}
{{- end }}

{{- define "mlflow.scripts" }}
  {{- $files := .Values.auth.enabled | ternary (list "wait.py" "auth.py") (list "wait.py") }}
  {{- include "common.scripts" (dict "ctx" $ "files" $files "modules" (list "waiting")) }}
{{- end }}
