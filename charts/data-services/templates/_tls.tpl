{{- /*
TLS of the stores, from the Secret in a store's section `tls`. Each template takes `tls`, fails without it, and renders
nothing if tls.enabled is false.
*/}}

{{- /*
data-services.tls.mount renders the mount of tls.crt and tls.key (in Jobs: ca.crt) at /etc/ssl/server.
*/}}
{{- define "data-services.tls.mount" }}
  {{- include "common.need" (list "data-services.tls.mount" . "tls") }}
  {{- if .tls.enabled -}}
- name: tls
  mountPath: /etc/ssl/server
  readOnly: true
  {{- end }}
{{- end }}

{{- /*
data-services.tls.volume renders the server's volume with tls.crt and tls.key, which only the pod's user and group can
read.
*/}}
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

{{- /*
data-services.tls.caVolume renders a Job's volume with ca.crt, by which the Job verifies the server.
*/}}
{{- define "data-services.tls.caVolume" }}
  {{- include "common.need" (list "data-services.tls.caVolume" . "tls") }}
  {{- if .tls.enabled }}
    {{- $files := dict "ca" "ca.crt" -}}
- name: tls
  {{- include "common.secretFiles" (dict "secret" .tls.existingSecret "files" $files) | fromJson | toYaml | nindent 2 }}
  {{- end }}
{{- end }}
