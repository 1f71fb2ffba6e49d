{{- /*
  mlflow.command  the server. The port is an argument: a Service named mlflow makes Kubernetes set
                  MLFLOW_PORT, which is the option's environment variable, in pods with Service links.
  mlflow.probes   all three ask /health, which touches no store: a database that is away for a
                  moment must neither restart the servers nor take them all out of the Service
  mlflow.scheme   http or https
  mlflow.url      the server's address inside the namespace
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
  {{- with .Values.extraArgs }}
{{ toYaml . }}
  {{- end }}
{{- end }}

{{- define "mlflow.scheme" }}
  {{- ternary "https" "http" .Values.tls.enabled }}
{{- end }}

{{- define "mlflow.url" }}
  {{- include "mlflow.scheme" . }}://{{ include "common.name" (dict "ctx" $ "app" "mlflow") }}:5000{{ .Values.staticPrefix }}
{{- end }}

{{- define "mlflow.probes" }}
  {{- $get := dict "path" (print .Values.staticPrefix "/health") "port" "http" }}
  {{- if .Values.tls.enabled }}
    {{- $_ := set $get "scheme" "HTTPS" }}
  {{- end }}
  {{- $health := dict "httpGet" $get }}
  {{- dict "startup" $health "readiness" $health "liveness" $health | toYaml }}
{{- end }}
