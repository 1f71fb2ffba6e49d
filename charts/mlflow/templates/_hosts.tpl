{{- /*
Host names of the server. MLflow answers 403 to a Host header (port included) that is not in its list; only /health
accepts any. All templates take the root context.
*/}}

{{- /*
mlflow.publicHosts renders publicHosts and the hosts of the enabled Ingress and HTTPRoute as a JSON list.
*/}}
{{- define "mlflow.publicHosts" }}
  {{- $hosts := .Values.publicHosts }}
  {{- if .Values.ingress.enabled }}
    {{- $hosts = concat $hosts .Values.ingress.hosts }}
  {{- end }}
  {{- if .Values.httpRoute.enabled }}
    {{- $hosts = concat $hosts .Values.httpRoute.hostnames }}
  {{- end }}
  {{- uniq $hosts | toJson }}
{{- end }}

{{- /*
mlflow.allowedHosts renders the accepted values of the Host header, joined by commas: the Service's names with and
without port, the pod's own address for Prometheus (the kubelet expands $(POD_IP)), localhost with any port for port
forwards, the public hosts and extraAllowedHosts.
*/}}
{{- define "mlflow.allowedHosts" }}
  {{- $name := include "common.name" (dict "ctx" $ "app" "mlflow") }}
  {{- $namespaced := printf "%s.%s" $name .Release.Namespace }}
  {{- $service := list
        $name
        $namespaced
        (printf "%s.svc" $namespaced)
        (printf "%s.svc.%s" $namespaced .Values.global.clusterDomain) }}
  {{- $public := include "mlflow.publicHosts" . | fromJsonArray }}
  {{- $hosts := concat $service (list "localhost" "127.0.0.1") $public }}
  {{- range $service }}
    {{- $hosts = append $hosts (printf "%s:5000" .) }}
  {{- end }}
  {{- range $public }}
    {{- $hosts = append $hosts (printf "%s:443" .) }}
  {{- end }}
  {{- $hosts = concat $hosts (list
        "$(POD_IP):5000" "[$(POD_IP)]:5000"
        "localhost:*" "127.0.0.1:*" "[[]::1]:*") .Values.extraAllowedHosts }}
  {{- join "," $hosts }}
{{- end }}

{{- /*
mlflow.corsOrigins renders the web origins of the public hosts and extraCorsOrigins, joined by commas.
*/}}
{{- define "mlflow.corsOrigins" }}
  {{- $origins := list }}
  {{- range include "mlflow.publicHosts" . | fromJsonArray }}
    {{- $origins = append $origins (printf "https://%s" .) }}
  {{- end }}
  {{- if and .Values.ingress.enabled (not .Values.ingress.tlsSecretName) }}
    {{- range .Values.ingress.hosts }}
      {{- $origins = append $origins (printf "http://%s" .) }}
    {{- end }}
  {{- end }}
  {{- concat $origins .Values.extraCorsOrigins | join "," }}
{{- end }}
