{{- /*
A server's certificate, from the Secret that its `tls` names, and the authority by which the
chart's own Jobs know it.
  data-services.tls.mount      where servers find tls.crt and tls.key
  data-services.tls.volume     its volume, readable by the pod's group only
  data-services.tls.authority  a Job's volume with ca.crt, of the same Secret
Each takes (dict "tls" <the server's section `tls`>) and draws nothing where TLS is off.
*/}}
{{- define "data-services.tls.mount" }}
  {{- include "common.need" (list "data-services.tls.mount" . "tls") }}
  {{- if .tls.enabled -}}
- name: tls
  mountPath: /etc/ssl/server
  readOnly: true
  {{- end }}
{{- end }}

{{- define "data-services.tls.volume" }}
  {{- include "common.need" (list "data-services.tls.volume" . "tls") }}
  {{- if .tls.enabled }}
    {{- $files := dict "certificate" "tls.crt" "key" "tls.key" }}
    {{- $source := include "common.secretFiles" (dict "secret" .tls.existingSecret "files" $files) | fromJson }}
    {{- $_ := set $source.secret "defaultMode" 0440 -}}
- name: tls
  {{- toYaml $source | nindent 2 }}
  {{- end }}
{{- end }}

{{- define "data-services.tls.authority" }}
  {{- include "common.need" (list "data-services.tls.authority" . "tls") }}
  {{- if .tls.enabled }}
    {{- $files := dict "ca" "ca.crt" -}}
- name: tls
  {{- include "common.secretFiles" (dict "secret" .tls.existingSecret "files" $files) | fromJson | toYaml | nindent 2 }}
  {{- end }}
{{- end }}
