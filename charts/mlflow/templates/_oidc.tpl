{{- /*
A login at an OpenID Connect issuer, for everyone who comes from outside the cluster: oauth2-proxy in
front of the servers. Ingress and HTTPRoute lead to it; clients in the cluster reach the servers as
before, as far as the mesh's policies let them.
  mlflow.oidc.command  the proxy and its settings
  mlflow.oidc.env      what the issuer knows it by and its cookies' key, from the Secret; authorities to
                       trust beside the image's
  mlflow.oidc.probes   ready: it knows the issuer's keys. Alive: it answers.
  mlflow.route         name and port of the Service that Ingress and HTTPRoute lead to, as YAML
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
# A program is told 401, and not sent to a page; with a token of the issuer it needs none.
- --api-route=^{{ .Values.staticPrefix }}/(api|ajax-api|graphql|v1)
- --skip-jwt-bearer-tokens=true
- --skip-provider-button=true
- --code-challenge-method=S256
- --cookie-secure=true
  {{- with .Values.oidc }}
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
  {{- end }}
{{- end }}

{{- define "mlflow.oidc.env" }}
  {{- $authorities := list }}
  {{- if .Values.tls.enabled }}
    {{- $authorities = append $authorities "/etc/mlflow/server" }}
  {{- end }}
  {{- if .Values.caBundle.existingSecret.name }}
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

{{- define "mlflow.oidc.probes" -}}
startup: {httpGet: {path: /ready, port: proxy}}
readiness: {httpGet: {path: /ready, port: proxy}}
liveness: {httpGet: {path: /ping, port: proxy}}
{{- end }}

{{- define "mlflow.route" }}
  {{- if .Values.oidc.enabled -}}
name: {{ include "common.name" (dict "ctx" $ "app" "mlflow" "component" "proxy") }}
port: 4180
  {{- else -}}
name: {{ include "common.name" (dict "ctx" $ "app" "mlflow") }}
port: 5000
  {{- end }}
{{- end }}
