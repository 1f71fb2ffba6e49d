{{- /*
Files that containers mount in addition to the files of the image. A chart lists them in one template, named
by `files` below. An entry of this list is {name, containers, mountPath, volume}: `containers` are the kinds
of containers that mount it; other keys, such as readOnly, go into the mount. Instead of `volume` an entry may
have `secret`, {name, keys} as in the values, and `files`, which maps a key of the Secret to the name of a
file; an entry whose Secret has no name is left out. Entries of the same name mount one volume at several paths.
*/}}

{{- /*
common.files renders the list of files as a JSON list, each file with its volume. Takes `ctx`, `files`, and
`input`, what the template named by `files` takes (default: the root context). Fails if `ctx` or
`files` is missing.
*/}}
{{- define "common.files" }}
  {{- include "common.need" (list "common.files" . "ctx" "files") }}
  {{- $entries := list }}
  {{- range include .files (.input | default .ctx) | fromYamlArray }}
    {{- if not (hasKey . "secret") }}
      {{- $entries = append $entries . }}
    {{- else if (.secret).name }}
      {{- $volume := include "common.secretFiles" (pick . "secret" "files") | fromJson }}
      {{- $entries = append $entries (merge (dict "volume" $volume) (omit . "secret" "files")) }}
    {{- end }}
  {{- end }}
  {{- toJson $entries }}
{{- end }}

{{- /*
common.mounts renders the volumeMounts of a container as a YAML list. Takes the parameters of common.files,
the kind of `container`, and `extra`, a list of more mounts. Fails if `ctx`, `files` or `container`
is missing.
*/}}
{{- define "common.mounts" }}
  {{- include "common.need" (list "common.mounts" . "ctx" "files" "container") }}
  {{- $mounts := list }}
  {{- range include "common.files" . | fromJsonArray }}
    {{- if has $.container .containers }}
      {{- $mounts = append $mounts (omit . "containers" "volume") }}
    {{- end }}
  {{- end }}
  {{- concat $mounts (.extra | default list) | toYaml }}
{{- end }}

{{- /*
common.volumes renders the volumes of a pod as a YAML list. Takes the parameters of common.files, the kinds
of the pod's `containers`, and `extra`, a list of more volumes. Fails if `ctx`, `files` or
`containers` is missing.
*/}}
{{- define "common.volumes" }}
  {{- include "common.need" (list "common.volumes" . "ctx" "files" "containers") }}
  {{- $names := list }}
  {{- $volumes := list }}
  {{- range $file := include "common.files" . | fromJsonArray }}
    {{- $mounted := false }}
    {{- range $.containers }}
      {{- $mounted = or $mounted (has . $file.containers) }}
    {{- end }}
    {{- if and $mounted (not (has $file.name $names)) }}
      {{- $names = append $names $file.name }}
      {{- $volumes = append $volumes (merge (dict "name" $file.name) $file.volume) }}
    {{- end }}
  {{- end }}
  {{- concat $volumes (.extra | default list) | toYaml }}
{{- end }}
