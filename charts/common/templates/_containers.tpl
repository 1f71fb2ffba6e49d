{{- /*
  common.container  image, security context and resources of a container (`image`, `resources`)
*/}}
{{- define "common.container" }}
  {{- include "common.need" (list "common.container" . "ctx" "image" "resources") -}}
image: {{ include "common.image" . | quote }}
imagePullPolicy: {{ .image.pullPolicy | default "IfNotPresent" }}
securityContext:
  {{- include "common.containerSecurityContext" . | nindent 2 }}
resources:
  {{- toYaml .resources | nindent 2 }}
{{- end }}
