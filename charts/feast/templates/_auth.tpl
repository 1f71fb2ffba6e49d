{{- /*
Authentication of the clients of Feast's servers, by `auth.type`.
  feast.auth                 the section `auth` of feature_store.yaml
  feast.auth.verifiesTokens  "true" if the servers verify their clients' tokens at the API server, else
                             empty
  feast.clusterRole          name of the ClusterRole that allows to verify tokens. ClusterRoles have no
                             namespace, so the name includes the release's namespace.
*/}}
{{- define "feast.auth" -}}
type: {{ .Values.auth.type }}
  {{- if eq .Values.auth.type "oidc" }}
    {{- with .Values.auth.oidc }}
auth_discovery_url: {{ .discoveryUrl }}
client_id: {{ .clientId }}
      {{- with .uiClientId }}
ui_client_id: {{ . }}
      {{- end }}
audience: {{ .audience }}
issuer: {{ .issuer }}
verify_ssl: true
      {{- if ($.Values.caBundle.existingSecret).name }}
ca_cert_path: /etc/ssl/bundle/ca.crt
      {{- end }}
    {{- end }}
  {{- end }}
{{- end }}

{{- define "feast.auth.verifiesTokens" }}
  {{- eq .Values.auth.type "kubernetes" | ternary "true" "" }}
{{- end }}

{{- define "feast.clusterRole" }}
  {{- printf "%s-%s" (include "common.name" (dict "ctx" $ "app" "feast")) .Release.Namespace }}
{{- end }}
