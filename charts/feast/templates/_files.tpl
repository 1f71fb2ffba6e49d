{{- /*
Files that containers mount in addition to the files of the image, and the pods' volumes for them.
*/}}

{{- /*
feast.files renders the list for common.files. Kinds of containers:
  server       any of Feast's servers: features, registry, offline store, UI
  storeClient  waits for the stores, creates the registry's tables
  apply        applies the feature repository
  materialize  materializes feature views
  repository   fetches the feature repository
  test         the pod of helm test, which connects to the stores too
Takes the root context.
*/}}
{{- define "feast.files" }}
  {{- $name := include "common.name" (dict "ctx" $ "app" "feast") -}}
- name: scratch
  containers: [server, storeClient, apply, materialize, repository, test]
  mountPath: /tmp
  volume: {emptyDir: {sizeLimit: {{ .Values.scratch.size }}}}
- name: scripts
  containers: [server, storeClient, apply, materialize, repository, test]
  mountPath: /scripts
  volume: {configMap: {name: {{ $name }}-scripts, defaultMode: 0555}}
- name: config
  containers: [server, storeClient, apply, materialize, test]
  mountPath: /etc/feast
  volume: {configMap: {name: {{ $name }}}}
  {{- if eq .Values.repository.source "files" }}
- name: files
  containers: [repository]
  mountPath: /files
  volume: {configMap: {name: {{ $name }}-repository}}
  {{- end }}
  {{- if ne .Values.repository.source "none" }}
- name: repository
  containers: [apply, repository]
  mountPath: /repository
  volume: {emptyDir: {sizeLimit: {{ .Values.scratch.size }}}}
- name: repository
  containers: [server, materialize]
  mountPath: /repository
  readOnly: true
  volume: {emptyDir: {sizeLimit: {{ .Values.scratch.size }}}}
  {{- end }}
  {{- if eq .Values.registry.store "file" }}
  {{- $claim := .Values.registry.file.existingClaim | default (print $name "-registry") }}
- name: registry
  containers: [server, storeClient, apply, materialize, test]
  mountPath: /registry
  volume: {persistentVolumeClaim: {claimName: {{ $claim }}}}
  {{- end }}
  {{- if include "feast.usesPostgresql" . }}
- name: postgresql-ca
  containers: [server, storeClient, apply, materialize, test]
  mountPath: /etc/ssl/postgresql
  secret: {{ toJson .Values.global.postgresql.tls.existingSecret }}
  files: {ca: ca.crt}
  {{- end }}
  {{- if eq .Values.onlineStore.type "redis" }}
- name: redis-ca
  containers: [server, storeClient, apply, materialize, test]
  mountPath: /etc/ssl/redis
  secret: {{ toJson .Values.global.redis.tls.existingSecret }}
  files: {ca: ca.crt}
  {{- end }}
- name: ca-bundle
  containers: [server, storeClient, apply, materialize, repository, test]
  mountPath: /etc/ssl/bundle
  secret: {{ toJson .Values.caBundle.existingSecret }}
  files: {ca: ca.crt}
  {{- if .Values.tls.enabled }}
- name: tls
  containers: [server]
  mountPath: /etc/ssl/server
  secret: {{ toJson .Values.tls.existingSecret }}
  files: {certificate: tls.crt, key: tls.key}
  {{- if .Values.tls.existingSecret.keys.ca }}
- name: server-ca
  containers: [test]
  mountPath: /etc/ssl/servers
  secret: {{ toJson .Values.tls.existingSecret }}
  files: {ca: ca.crt}
  {{- end }}
  {{- end }}
{{- end }}

{{- /*
feast.mounts renders the volumeMounts of a container of the kind `container`, and .Values.extraVolumeMounts;
takes `ctx` and `container`, and fails without them.
*/}}
{{- define "feast.mounts" }}
  {{- include "common.need" (list "feast.mounts" . "ctx" "container") }}
  {{- $extra := .ctx.Values.extraVolumeMounts }}
  {{- include "common.mounts" (merge (dict "files" "feast.files" "extra" $extra) .) }}
{{- end }}

{{- /*
feast.volumes renders the volumes of a pod with containers of the kinds in `containers`, and
.Values.extraVolumes; takes `ctx` and `containers`, and fails without them.
*/}}
{{- define "feast.volumes" }}
  {{- include "common.need" (list "feast.volumes" . "ctx" "containers") }}
  {{- $extra := .ctx.Values.extraVolumes }}
  {{- include "common.volumes" (merge (dict "files" "feast.files" "extra" $extra) .) }}
{{- end }}
