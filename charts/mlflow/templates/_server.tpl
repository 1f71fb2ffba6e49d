{{- /*
The MLflow server. All templates take the root context.
*/}}

{{- /*
mlflow.command renders the command of the server. The port is an argument, since Kubernetes sets MLFLOW_PORT, the
option's variable, to a URL in pods with links to a Service named mlflow.
*/}}
{{- define "mlflow.command" -}}
- mlflow
- server
- --host=0.0.0.0
- --port=5000
- --workers={{ .Values.workers }}
- {{ include "mlflow.artifacts.direct" . | empty | ternary "--serve-artifacts" "--no-serve-artifacts" }}
- --expose-prometheus=/tmp/metrics
  {{- with .Values.staticPrefix }}
- --static-prefix={{ . }}
  {{- end }}
  {{- if .Values.auth.enabled }}
- --app-name=basic-auth
  {{- end }}
- --uvicorn-opts=--timeout-graceful-shutdown={{ .Values.drain.finishSeconds }}
  {{- if .Values.tls.enabled }} --ssl-certfile=/etc/mlflow/tls/tls.crt --ssl-keyfile=/etc/mlflow/tls/tls.key{{ end }}
  {{- range .Values.uvicornOptions }} {{ . }}{{ end }}
  {{- with .Values.extraArgs }}
{{ toYaml . }}
  {{- end }}
{{- end }}

{{- /*
mlflow.scheme renders http or https.
*/}}
{{- define "mlflow.scheme" }}
  {{- ternary "https" "http" .Values.tls.enabled }}
{{- end }}

{{- /*
mlflow.url renders the URL of the server inside the namespace.
*/}}
{{- define "mlflow.url" }}
  {{- $name := include "common.name" (dict "ctx" $ "app" "mlflow") }}
  {{- printf "%s://%s:5000%s" (include "mlflow.scheme" .) $name .Values.staticPrefix }}
{{- end }}

{{- /*
mlflow.probes renders the handlers of the probes. All use /health, which accesses no store, so that a short outage of
the database neither restarts the servers nor removes all of them from the Service.
*/}}
{{- define "mlflow.probes" }}
  {{- $get := dict "path" (print .Values.staticPrefix "/health") "port" "http" }}
  {{- $health := include "common.httpGet" (merge (dict "tls" .Values.tls.enabled) $get) | fromJson }}
  {{- dict "startup" $health "readiness" $health "liveness" $health | toYaml }}
{{- end }}
