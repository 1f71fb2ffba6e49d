{{- /*
  feast.files  volumes and mounts, for common.fileMounts and common.fileVolumes, by the kind of container:
                 server      any of Feast's servers: features, registry, offline store, UI
                 store       waits for the stores, creates the registry's tables, materializes
                 apply       applies the feature repository
                 repository  fetches the feature repository
                 client      the pod of helm test, which connects to the stores too
*/}}
{{- define "feast.files" }}
  {{- $name := include "common.name" (dict "ctx" $ "app" "feast") -}}
- {name: scratch, to: [server, store, apply, repository, client], mountPath: /tmp, volume: {emptyDir: {sizeLimit: {{ .Values.scratch.size }}}}}
- {name: scripts, to: [server, store, apply, repository, client], mountPath: /scripts, volume: {configMap: {name: {{ $name }}-scripts, defaultMode: 0555}}}
- {name: config, to: [server, store, apply, client], mountPath: /etc/feast, volume: {configMap: {name: {{ $name }}}}}
  {{- if ne .Values.repository.source "none" }}
    {{- if eq .Values.repository.source "files" }}
- {name: files, to: [repository], mountPath: /files, volume: {configMap: {name: {{ $name }}-repository}}}
    {{- end }}
- {name: repository, to: [apply, repository], mountPath: /repository, volume: {emptyDir: {sizeLimit: {{ .Values.scratch.size }}}}}
  {{- end }}
  {{- if eq .Values.registry.store "file" }}
- {name: registry, to: [server, store, apply, client], mountPath: /registry, volume: {persistentVolumeClaim: {claimName: {{ .Values.registry.file.existingClaim | default (print $name "-registry") }}}}}
  {{- end }}
  {{- with .Values.global.postgresql.tls.existingSecret }}
    {{- if and .name (include "feast.usesPostgresql" $) }}
- {name: postgresql-ca, to: [server, store, apply, client], mountPath: /etc/ssl/postgresql, volume: {{ include "common.secretFiles" (dict "secret" . "files" (dict "ca" "ca.crt")) }}}
    {{- end }}
  {{- end }}
  {{- with .Values.global.redis.tls.existingSecret }}
    {{- if and .name (eq $.Values.onlineStore.type "redis") }}
- {name: redis-ca, to: [server, store, apply, client], mountPath: /etc/ssl/redis, volume: {{ include "common.secretFiles" (dict "secret" . "files" (dict "ca" "ca.crt")) }}}
    {{- end }}
  {{- end }}
  {{- with .Values.caBundle.existingSecret }}
    {{- if .name }}
- {name: ca-bundle, to: [server, store, apply, repository, client], mountPath: /etc/ssl/bundle, volume: {{ include "common.secretFiles" (dict "secret" . "files" (dict "ca" "ca.crt")) }}}
    {{- end }}
  {{- end }}
  {{- if .Values.tls.enabled }}
- {name: tls, to: [server], mountPath: /etc/ssl/server, volume: {{ include "common.secretFiles" (dict "secret" .Values.tls.existingSecret "files" (dict "certificate" "tls.crt" "key" "tls.key")) }}}
    {{- if .Values.tls.existingSecret.keys.ca }}
- {name: server-ca, to: [client], mountPath: /etc/ssl/servers, volume: {{ include "common.secretFiles" (dict "secret" .Values.tls.existingSecret "files" (dict "ca" "ca.crt")) }}}
    {{- end }}
  {{- end }}
{{- end }}
