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
        "mounts" (include "mlflow.mounts" (dict "ctx" .ctx "to" "store"))) .) }}
{{- end }}

{{- define "mlflow.inits" }}
  {{- include "mlflow.wait" (dict
        "ctx" $
        "app" "mlflow"
        "for" (eq .Values.artifacts.store "s3" | ternary (list "schema" "bucket") (list "schema"))
        "env" (include "mlflow.storeEnv" .)) }}
  {{- if .Values.auth.enabled }}
    {{- include "mlflow.auth.configure" . | nindent 0 }}
  {{- end }}
  {{- with .Values.extraInitContainers }}
    {{- toYaml . | nindent 0 }}
  {{- end }}
{{- end }}

{{- define "mlflow.scripts" }}
  {{- print (.Files.Get "files/wait.py") (include "common.waitingModule" .) }}
  {{- if .Values.auth.enabled }}
    {{- .Files.Get "files/auth.py" }}
  {{- end }}
{{- end }}
