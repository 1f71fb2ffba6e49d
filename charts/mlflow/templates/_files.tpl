{{- /*
Files that containers get beside the image's, each a volume: who mounts what is one list. Those that
wait read credentials from files named like variables, which follow the Secret while they wait.
  mlflow.files    the list; `to` are the kinds of containers that mount it:
                    server  the MLflow server
                    auth    writes the server's file of users
                    store   waits for the stores or migrates them
                    client  calls the server: helm test
                    gc      calls the server and reads the database: garbage collection
                    proxy   has people log in before they reach the server
  mlflow.mounts   mounts of a container of the kind `to`, with /tmp, the one writable folder
  mlflow.volumes  volumes of a pod whose containers are of the kinds `to`; `scripts` names the
                  ConfigMap with its scripts, if it runs any
*/}}
{{- define "mlflow.files" }}
- {name: scratch, to: [server, auth, store, client, gc], mountPath: /tmp, volume: {emptyDir: {sizeLimit: {{ .Values.scratch.size }}}}}
  {{- with .Values.global.postgresql.tls.existingSecret }}
    {{- if .name }}
- {name: postgresql-ca, to: [server, auth, store, gc], mountPath: /etc/ssl/postgresql, volume: {{ include "common.secretFiles" (dict "secret" . "files" (dict "ca" "ca.crt")) }}}
    {{- end }}
  {{- end }}
- {name: database, to: [store], mountPath: /etc/mlflow/database, volume: {{ include "common.secretFiles" (dict "secret" .Values.global.postgresql.databases.mlflow.existingSecret "files" (dict "username" "PGUSER" "password" "PGPASSWORD")) }}}
  {{- if eq .Values.artifacts.store "s3" }}
- {name: store, to: [store], mountPath: /etc/mlflow/store, volume: {{ include "common.secretFiles" (dict "secret" .Values.global.s3.existingSecret "files" (dict "accessKey" "AWS_ACCESS_KEY_ID" "secretKey" "AWS_SECRET_ACCESS_KEY")) }}}
  {{- end }}
  {{- with .Values.caBundle.existingSecret }}
    {{- if .name }}
- {name: ca-bundle, to: [server, auth, store, client, gc, proxy], mountPath: /etc/mlflow/ca, volume: {{ include "common.secretFiles" (dict "secret" . "files" (dict "ca" "ca.crt")) }}}
    {{- end }}
  {{- end }}
  {{- if .Values.auth.enabled }}
- {name: users, to: [auth, store], mountPath: /etc/mlflow/users, volume: {{ include "common.secretFiles" (dict "secret" .Values.global.postgresql.databases.mlflowAuth.existingSecret "files" (dict "username" "PGUSER" "password" "PGPASSWORD")) }}}
- {name: auth, to: [server, auth], mountPath: /etc/mlflow/auth, volume: {emptyDir: {medium: Memory, sizeLimit: 1Mi}}}
  {{- end }}
  {{- if .Values.tls.enabled }}
- {name: tls, to: [server], mountPath: /etc/mlflow/tls, volume: {{ include "common.secretFiles" (dict "secret" .Values.tls.existingSecret "files" (dict "certificate" "tls.crt" "key" "tls.key")) }}}
    {{- if .Values.tls.existingSecret.keys.ca }}
- {name: server-ca, to: [client, gc, proxy], mountPath: /etc/mlflow/server, volume: {{ include "common.secretFiles" (dict "secret" .Values.tls.existingSecret "files" (dict "ca" "ca.crt")) }}}
    {{- end }}
  {{- end }}
  {{- with .Values.artifacts }}
    {{- if and (eq .store "gcs") .gcs.existingSecret.name }}
- {name: gcs, to: [server{{ if eq .access "direct" }}, client, gc{{ end }}], mountPath: /etc/mlflow/gcs, volume: {{ include "common.secretFiles" (dict "secret" .gcs.existingSecret "files" (dict "serviceAccount" "key.json")) }}}
    {{- end }}
    {{- if eq .store "file" }}
- {name: artifacts, to: [server], mountPath: /artifacts, volume: {persistentVolumeClaim: {claimName: {{ include "mlflow.artifacts.claim" $ }}}}}
    {{- end }}
  {{- end }}
{{- end }}

{{- define "mlflow.mounts" }}
  {{- include "common.need" (list "mlflow.mounts" . "ctx" "to") }}
  {{- $mounts := list }}
  {{- if has .to (list "auth" "store" "client") }}
    {{- $mounts = append $mounts (dict "name" "scripts" "mountPath" "/scripts") }}
  {{- end }}
  {{- range include "mlflow.files" .ctx | fromYamlArray }}
    {{- if has $.to .to }}
      {{- $mounts = append $mounts (pick . "name" "mountPath") }}
    {{- end }}
  {{- end }}
  {{- toYaml $mounts }}
{{- end }}

{{- define "mlflow.volumes" }}
  {{- include "common.need" (list "mlflow.volumes" . "ctx" "to") }}
  {{- $volumes := list }}
  {{- with .scripts }}
    {{- $volumes = append $volumes (dict "name" "scripts" "configMap" (dict "name" .)) }}
  {{- end }}
  {{- range include "mlflow.files" .ctx | fromYamlArray }}
    {{- $kinds := .to }}
    {{- $wanted := false }}
    {{- range $.to }}
      {{- $wanted = or $wanted (has . $kinds) }}
    {{- end }}
    {{- if $wanted }}
      {{- $volumes = append $volumes (merge (dict "name" .name) .volume) }}
    {{- end }}
  {{- end }}
  {{- toYaml $volumes }}
{{- end }}
