{{- /*
  common.container  image, security context and resources of a container (`image`, `resources`)
  common.env        environment of a container: `env` as drawn and the list `extra`, whose entries take
                    the place of others with their names. The API server refuses a name twice.
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

{{- define "common.env" }}
  {{- include "common.need" (list "common.env" . "env" "extra") }}
  {{- $entries := concat (.env | fromYamlArray) .extra }}
  {{- $names := list }}
  {{- range $entries }}
    {{- $names = append $names .name }}
  {{- end }}
  {{- $kept := list }}
  {{- range $at, $entry := $entries }}
    {{- if not (has $entry.name (slice $names (add1 $at))) }}
      {{- $kept = append $kept $entry }}
    {{- end }}
  {{- end }}
  {{- toYaml $kept }}
{{- end }}
