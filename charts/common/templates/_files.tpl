{{- /*
Files that containers get beside the image's, each a volume: who mounts what is one list, which a
chart writes in a template: {name, to, mountPath, volume}, `to` being kinds of containers.
  common.fileMounts   mounts of a container of the kind `to`; `files` names the template
  common.fileVolumes  volumes of a pod whose containers are of the kinds `to`
*/}}
{{- define "common.fileMounts" }}
  {{- include "common.need" (list "common.fileMounts" . "ctx" "files" "to") }}
  {{- $mounts := list }}
  {{- range include .files .ctx | fromYamlArray }}
    {{- if has $.to .to }}
      {{- $mounts = append $mounts (omit . "to" "volume") }}
    {{- end }}
  {{- end }}
  {{- toYaml $mounts }}
{{- end }}

{{- define "common.fileVolumes" }}
  {{- include "common.need" (list "common.fileVolumes" . "ctx" "files" "to") }}
  {{- $volumes := list }}
  {{- range $file := include .files .ctx | fromYamlArray }}
    {{- $wanted := false }}
    {{- range $.to }}
      {{- $wanted = or $wanted (has . $file.to) }}
    {{- end }}
    {{- if $wanted }}
      {{- $volumes = append $volumes (merge (dict "name" $file.name) $file.volume) }}
    {{- end }}
  {{- end }}
  {{- toYaml $volumes }}
{{- end }}
