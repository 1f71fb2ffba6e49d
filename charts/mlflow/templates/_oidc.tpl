{{- /*
oauth2-proxy, which handles the OpenID Connect login for requests from outside the cluster (oidc.enabled). Ingress and
HTTPRoute route to it. Clients in the cluster connect to the MLflow server directly, as far as policies allow. All
templates take the root context.
*/}}

{{- /*
mlflow.oidc.command renders the command of oauth2-proxy as a YAML list.
*/}}
{{- define "mlflow.oidc.command" }}
{{- $prefix := print .Values.staticPrefix "/oauth2" -}}
- /bin/oauth2-proxy
- --http-address=0.0.0.0:4180
- --reverse-proxy=true
- --provider=oidc
- --upstream={{ include "mlflow.scheme" . }}://{{ include "common.name" (dict "ctx" $ "app" "mlflow") }}:5000
- --proxy-prefix={{ $prefix }}
- --redirect-url=https://{{ include "mlflow.publicHosts" . | fromJsonArray | first }}{{ $prefix }}/callback
# API paths answer 401 instead of a redirect to the login page; a bearer token of the issuer replaces the login.
- --api-route=^{{ .Values.staticPrefix }}/(api|ajax-api|graphql|v1)
- --skip-jwt-bearer-tokens=true
- --skip-provider-button=true
- --code-challenge-method=S256
- --cookie-secure=true
  {{- with .Values.oidc }}
# By default oauth2-proxy answers 502 if MLflow, which first stores a large upload, does not answer within 30 s.
- --upstream-timeout={{ .upstreamTimeout }}
- --oidc-issuer-url={{ .issuerUrl }}
- --scope={{ .scope }}
- --insecure-oidc-allow-unverified-email={{ .unverifiedEmail }}
    {{- range .emailDomains }}
- --email-domain={{ . }}
    {{- end }}
    {{- range .allowedGroups }}
- --allowed-group={{ . }}
    {{- end }}
    {{- range .audiences }}
- --oidc-extra-audience={{ . }}
    {{- end }}
    {{- with .extraArgs }}
{{ toYaml . }}
    {{- end }}
  {{- end }}
{{- end }}

{{- /*
mlflow.oidc.env renders the client's credentials and the cookie key from the Secret, and the folders with CA
certificates.
*/}}
{{- define "mlflow.oidc.env" }}
  {{- $authorities := list }}
  {{- if .Values.tls.enabled }}
    {{- $authorities = append $authorities "/etc/mlflow/server" }}
  {{- end }}
  {{- if (.Values.caBundle.existingSecret).name }}
    {{- $authorities = append $authorities "/etc/mlflow/ca" }}
  {{- end }}
  {{- include "common.secretEnv" (dict
        "secret" .Values.oidc.existingSecret
        "env" (dict
          "OAUTH2_PROXY_CLIENT_ID" "clientId"
          "OAUTH2_PROXY_CLIENT_SECRET" "clientSecret"
          "OAUTH2_PROXY_COOKIE_SECRET" "cookieSecret")) }}
  {{- with $authorities }}
- name: SSL_CERT_DIR
  value: {{ join ":" . | quote }}
  {{- end }}
{{- end }}

{{- /*
mlflow.oidc.probes renders the handlers of the probes. /ready succeeds once the issuer's keys are loaded, /ping always.
*/}}
{{- define "mlflow.oidc.probes" -}}
startup: {httpGet: {path: /ready, port: proxy}}
readiness: {httpGet: {path: /ready, port: proxy}}
liveness: {httpGet: {path: /ping, port: proxy}}
{{- end }}

{{- /*
mlflow.route renders the name and the port of the Service that Ingress and HTTPRoute route to, as YAML.
*/}}
{{- define "mlflow.route" }}
  {{- if .Values.oidc.enabled -}}
name: {{ include "common.name" (dict "ctx" $ "app" "mlflow" "component" "proxy") }}
port: 4180
  {{- else -}}
name: {{ include "common.name" (dict "ctx" $ "app" "mlflow") }}
port: 5000
  {{- end }}
{{- end }}
