{{- /*
  feast.testEnv  addresses of the servers and settings that the pod of `helm test` needs
*/}}
{{- define "feast.testEnv" }}
  {{- $name := include "feast.server.name" . -}}
- name: HTTP_URL
  value: {{ include "feast.scheme" . }}://{{ $name }}:6566
  {{- if and .Values.tls.enabled .Values.tls.existingSecret.keys.ca }}
- name: HTTP_CA
  value: /etc/ssl/servers/ca.crt
  {{- end }}
- name: GRPC_ADDRESS
  value: {{ .Values.grpc.enabled | ternary (printf "%s:6567" $name) "" | quote }}
- name: AUTH
  value: {{ .Values.auth.type | quote }}
- name: REFRESH_SECONDS
  value: {{ .Values.registry.refreshSeconds | quote }}
{{- end }}
