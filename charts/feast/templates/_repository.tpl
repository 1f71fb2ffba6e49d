{{- /*
The feature repository: Python files with definitions that `feast apply` writes to the registry.
  feast.repository.folder  folder of the files in the containers that read them
  feast.repository.env     environment of the container that clones the files with Git
  feast.repository.fetch   init container that fetches the files, or nothing without a feature repository.
                           Files from a ConfigMap are copied: Feast resolves the ConfigMap's symbolic
                           links, and their targets have names that Python can't import.
*/}}
{{- define "feast.repository.folder" }}
  {{- $path := get (dict "git" .Values.repository.git.path) .Values.repository.source }}
  {{- list "/repository" $path | compact | join "/" }}
{{- end }}

{{- define "feast.repository.env" }}
  {{- include "feast.toolEnv" . }}
  {{- with .Values.repository.git }}
- name: GIT_URL
  value: {{ .url | quote }}
- name: GIT_REVISION
  value: {{ .revision | quote }}
    {{- if (.existingSecret).name }}
      {{- include "common.secretEnv" (dict
            "secret" .existingSecret
            "env" (dict "GIT_USER" "username" "GIT_PASSWORD" "password")) | nindent 0 }}
    {{- end }}
  {{- end }}
{{- end }}

{{- define "feast.repository.fetch" }}
  {{- $values := .Values.repository }}
  {{- if eq $values.source "git" -}}
- name: clone
  {{- include "common.container" (dict
        "ctx" $
        "image" .Values.image
        "resources" .Values.waiting.resources) | nindent 2 }}
  command: [sh, /scripts/clone.sh]
  env:
    {{- include "common.env" (dict
          "env" (include "feast.repository.env" .)
          "extra" .Values.extraEnv) | nindent 4 }}
  volumeMounts:
    {{- include "feast.mounts" (dict "ctx" $ "container" "repository") | nindent 4 }}
  {{- else if ne $values.source "none" }}
    {{- $files := eq $values.source "files" }}
    {{- $copy := printf "cp -R %s/. /repository" $values.image.path }}
    {{- if $files }}
      {{- $copy = "cp -L /files/*.py /repository" }}
    {{- end -}}
- name: copy
  {{- include "common.container" (dict
        "ctx" $
        "image" (ternary .Values.image $values.image $files)
        "resources" .Values.waiting.resources) | nindent 2 }}
  command: [sh, -c, {{ $copy }}]
  volumeMounts:
    {{- include "feast.mounts" (dict "ctx" $ "container" "repository") | nindent 4 }}
  {{- end }}
{{- end }}
