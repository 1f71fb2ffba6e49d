{{- /*
Volumes of the pods and their mounts. Containers that wait read credentials from files, since the kubelet updates files,
but not environment variables, when a Secret changes. Each file has the name of an environment variable.
*/}}

{{- /*
mlflow.files renders the list of files for common.files. Kinds of containers:
  server             the MLflow server
  authConfig         init container that writes the server's configuration of MLflow users
  storeClient        waits for the stores, or migrates the databases
  garbageCollection  removes deleted runs and artifacts through the database and the server
  test               helm test, which calls the server
  proxy              oauth2-proxy in front of the server
Takes the root context.
*/}}
{{- define "mlflow.files" }}
  {{- $name := include "common.name" (dict "ctx" $ "app" "mlflow") }}
- name: scripts
  containers: [authConfig, storeClient]
  mountPath: /scripts
  volume: {configMap: {name: {{ $name }}}}
- name: scripts
  containers: [test]
  mountPath: /scripts
  volume: {configMap: {name: {{ $name }}-test}}
- name: scratch
  containers: [server, authConfig, storeClient, garbageCollection, test]
  mountPath: /tmp
  volume: {emptyDir: {sizeLimit: {{ .Values.scratch.size }}}}
- name: postgresql-ca
  containers: [server, authConfig, storeClient, garbageCollection]
  mountPath: /etc/ssl/postgresql
  secret: {{ toJson .Values.global.postgresql.tls.existingSecret }}
  files: {ca: ca.crt}
- name: database
  containers: [storeClient]
  mountPath: /etc/mlflow/database
  secret: {{ toJson .Values.global.postgresql.databases.mlflow.existingSecret }}
  files: {username: PGUSER, password: PGPASSWORD}
  {{- if eq .Values.artifacts.store "s3" }}
  {{- $credentials := include "common.s3Credentials" (dict "ctx" $) | fromJson }}
- name: store
  containers: [storeClient]
  mountPath: /etc/mlflow/store
  secret: {{ toJson $credentials.secret }}
  files: {{ toJson $credentials.files }}
  {{- end }}
- name: ca-bundle
  containers: [server, authConfig, storeClient, garbageCollection, test, proxy]
  mountPath: /etc/mlflow/ca
  secret: {{ toJson .Values.caBundle.existingSecret }}
  files: {ca: ca.crt}
  {{- if .Values.auth.enabled }}
- name: users
  containers: [authConfig, storeClient]
  mountPath: /etc/mlflow/users
  secret: {{ toJson .Values.global.postgresql.databases.mlflowAuth.existingSecret }}
  files: {username: PGUSER, password: PGPASSWORD}
- name: auth
  containers: [server, authConfig]
  mountPath: /etc/mlflow/auth
  volume: {emptyDir: {medium: Memory, sizeLimit: 1Mi}}
  {{- end }}
  {{- if .Values.tls.enabled }}
- name: tls
  containers: [server]
  mountPath: /etc/mlflow/tls
  secret: {{ toJson .Values.tls.existingSecret }}
  files: {certificate: tls.crt, key: tls.key}
  {{- if .Values.tls.existingSecret.keys.ca }}
- name: server-ca
  containers: [garbageCollection, test, proxy]
  mountPath: /etc/mlflow/server
  secret: {{ toJson .Values.tls.existingSecret }}
  files: {ca: ca.crt}
  {{- end }}
  {{- end }}
  {{- include "mlflow.artifacts.files" . }}
{{- end }}

{{- /*
mlflow.mounts renders the volumeMounts of a container: the mounts of the kind `container`, and extraVolumeMounts, which
reach each container but oauth2-proxy. Takes `ctx` and `container`; fails if one is missing.
*/}}
{{- define "mlflow.mounts" }}
  {{- include "common.need" (list "mlflow.mounts" . "ctx" "container") }}
  {{- $extra := eq .container "proxy" | ternary list .ctx.Values.extraVolumeMounts }}
  {{- include "common.mounts" (merge (dict "files" "mlflow.files" "extra" $extra) .) }}
{{- end }}

{{- /*
mlflow.volumes renders the volumes of a pod: the volumes that containers of the kinds in `containers` mount,
and extraVolumes, in each pod but oauth2-proxy's. Takes `ctx` and `containers`; fails if one is missing.
*/}}
{{- define "mlflow.volumes" }}
  {{- include "common.need" (list "mlflow.volumes" . "ctx" "containers") }}
  {{- $extra := has "proxy" .containers | ternary list .ctx.Values.extraVolumes }}
  {{- include "common.volumes" (merge (dict "files" "mlflow.files" "extra" $extra) .) }}
{{- end }}
