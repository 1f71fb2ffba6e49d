{{- /*
  feast.mounts    volume mounts of a container of kind `to` (see feast.files), and `extraVolumeMounts`
  feast.volumes   volumes of a pod whose containers are of the kinds `to`, and `extraVolumes`
  feast.wait      init container that waits for the conditions in `for`, defined in files/wait.py
  feast.stores    conditions that a server waits for: its registry and its online store
  feast.checksum  everything that pods read from ConfigMaps. A change replaces the pods.
*/}}
{{- define "feast.mounts" }}
  {{- include "common.need" (list "feast.mounts" . "ctx" "to") }}
  {{- include "common.fileMounts" (merge (dict "files" "feast.files") .) }}
  {{- with .ctx.Values.extraVolumeMounts }}
    {{- toYaml . | nindent 0 }}
  {{- end }}
{{- end }}

{{- define "feast.volumes" }}
  {{- include "common.need" (list "feast.volumes" . "ctx" "to") }}
  {{- include "common.fileVolumes" (merge (dict "files" "feast.files") .) }}
  {{- with .ctx.Values.extraVolumes }}
    {{- toYaml . | nindent 0 }}
  {{- end }}
{{- end }}

{{- define "feast.wait" }}
  {{- include "common.need" (list "feast.wait" . "ctx" "app" "for") }}
  {{- include "common.waitContainer" (merge (dict
        "for" (join "-and-" .for)
        "image" .ctx.Values.image
        "resources" .ctx.Values.waiting.resources
        "command" (concat (list "python" "/scripts/wait.py") .for)
        "env" (include "feast.storeEnv" .ctx)
        "mounts" (include "feast.mounts" (dict "ctx" .ctx "to" "store"))) .) }}
{{- end }}

{{- define "feast.stores" }}
  {{- $registry := get (dict "sql" "schema" "s3" "bucket") .Values.registry.store }}
  {{- $online := get (dict "redis" "online" "postgresql" "database") .Values.onlineStore.type }}
  {{- compact (list $registry $online) | toJson }}
{{- end }}

{{- define "feast.checksum" }}
  {{- include "feast.config" . }}
  {{- range $path, $_ := .Files.Glob "files/*" }}
    {{- $.Files.Get $path }}
  {{- end }}
  {{- include "common.waitingModule" . }}
{{- end }}
