{{- /*
  feast.wait            init container that waits for the conditions in `for`, defined in files/wait.py
  feast.waitConditions  conditions that a server waits for: its registry and its online store
  feast.scripts         scripts of all pods, as data of a ConfigMap
  feast.checksum        everything that all pods read from ConfigMaps. A change replaces the pods.
  feast.serverChecksum  feast.checksum, and the feature repository that servers load transformations from
*/}}
{{- define "feast.wait" }}
  {{- include "common.need" (list "feast.wait" . "ctx" "app" "for") }}
  {{- include "common.waitScript" (merge (dict
        "env" (include "feast.storeEnv" .ctx)
        "mounts" (include "feast.mounts" (dict "ctx" .ctx "container" "storeClient"))) .) }}
{{- end }}

{{- define "feast.waitConditions" }}
  {{- $registry := get (dict "sql" "schema" "s3" "bucket") .Values.registry.store }}
  {{- $online := get (dict "redis" "online" "postgresql" "database") .Values.onlineStore.type }}
  {{- compact (list $registry $online) | toJson }}
{{- end }}

{{- define "feast.checksum" }}
  {{- include "feast.config" . }}
  {{- include "feast.awsConfig" . }}
  {{- include "feast.scripts" . }}
{{- end }}

{{- define "feast.serverChecksum" }}
  {{- include "feast.checksum" . }}
  {{- if ne .Values.repository.source "none" }}
    {{- toJson .Values.repository }}
  {{- end }}
{{- end }}

{{- define "feast.scripts" }}
  {{- $files := list }}
  {{- range $path, $_ := .Files.Glob "files/*" }}
    {{- $files = append $files (base $path) }}
  {{- end }}
  {{- include "common.scripts" (dict "ctx" $ "files" $files "modules" (list "waiting")) }}
{{- end }}
