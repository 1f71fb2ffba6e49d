{{- /*
MLflow answers 403 to a Host header that it doesn't know, port included; only its health is exempt.
  mlflow.allowedHosts  every name by which someone rightly calls: the Service's names with and
                       without port, the pod's own address (Prometheus, with $(POD_IP) filled in by
                       the kubelet), a port forward's localhost with any port, the public hosts
  mlflow.corsOrigins   the web origins of the public hosts
  mlflow.publicHosts   publicHosts and the hosts of Ingress and HTTPRoute, as a JSON list
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
