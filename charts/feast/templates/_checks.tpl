{{- /*
Checks of values that the schema can't express.
  feast.checks             all checks of this chart
  feast.checks.scale       replicas: the autoscaler's range, and one server of each kind with registry.store file
  feast.checks.callers     authentication: what the gRPC server lacks, and incomplete OIDC settings
  feast.checks.repository  a feature repository without an address
*/}}
{{- define "feast.checks" }}
  {{- include "feast.checks.scale" . }}
  {{- include "feast.checks.callers" . }}
  {{- include "feast.checks.stores" . }}
  {{- include "feast.checks.repository" . }}
  {{- include "feast.checks.routes" . }}
  {{- include "common.ownedChecks" (dict "ctx" $ "owned" (include "feast.owned" . | fromYaml)) }}
  {{- include "feast.checks.backfill" . }}
  {{- include "common.containerChecks" (dict
        "values" .Values
        "prefix" ""
        "own" (dict
          "feast-server|test|wait-for-.*" true
          "feast-grpc" .Values.grpc.enabled
          "registry" .Values.registryServer.enabled
          "offline" .Values.offlineServer.enabled
          "ui" .Values.ui.enabled
          "schema" (eq .Values.registry.store "sql")
          "clone" (eq .Values.repository.source "git")
          "copy" (has .Values.repository.source (list "files" "image"))
          "apply" (ne .Values.repository.source "none")
          "backfill" .Values.backfill.enabled
          "materialization" .Values.materialization.enabled)) }}
  {{- include "common.mountChecks" (dict
        "path" "extraVolumeMounts"
        "mounts" .Values.extraVolumeMounts
        "folders" (list "/opt/app-root/bin" "/opt/app-root/lib")
        "programs" "Feast and Python") }}
{{- end }}

{{- define "feast.checks.scale" }}
  {{- include "common.autoscalingChecks" (dict "ctx" $) }}
  {{- $replicas := (include "common.replicas" (dict "ctx" $) | fromJson).most | int }}
  {{- if and (eq .Values.registry.store "file") (gt $replicas 1) }}
    {{- include "common.problem" (dict
          "path" "registry.store"
          "wrong" (printf "file is a volume that one server can use, and the values allow %d servers" $replicas)
          "write" "write sql or s3, or set replicas: 1 and autoscaling.enabled: false") }}
  {{- end }}
  {{- /* Feast's file registry rewrites the whole file from a copy in memory (feast/infra/registry/registry.py). */}}
  {{- range $key := list "registryServer" "offlineServer" "ui" }}
    {{- $server := index $.Values $key }}
    {{- if and (eq $.Values.registry.store "file") $server.enabled (gt (int $server.replicas) 1) }}
      {{- include "common.problem" (dict
            "path" (printf "%s.replicas" $key)
            "wrong" (printf "registry.store file is a volume that one server can use, and %v are set" $server.replicas)
            "write" "write 1, or registry.store: sql or s3") }}
    {{- end }}
  {{- end }}
{{- end }}

{{- define "feast.checks.callers" }}
  {{- if and .Values.grpc.enabled (ne .Values.auth.type "no_auth") }}
    {{- include "common.problem" (dict
          "path" "grpc.enabled"
          "wrong" (printf "Feast's gRPC server can't authenticate clients, and auth.type is %s" .Values.auth.type)
          "write" "write false, or set auth.type: no_auth and restrict the clients in the mesh") }}
  {{- end }}
  {{- if and .Values.grpc.enabled .Values.tls.enabled }}
    {{- include "common.problem" (dict
          "path" "grpc.enabled"
          "wrong" "Feast's gRPC server does not support TLS, and tls.enabled is true"
          "write" "write false, or set tls.enabled: false and encrypt connections with the mesh") }}
  {{- end }}
  {{- range $key := list "discoveryUrl" "clientId" "audience" "issuer" }}
    {{- if and (eq $.Values.auth.type "oidc") (not (index $.Values.auth.oidc $key)) }}
      {{- include "common.problem" (dict
            "path" (printf "auth.oidc.%s" $key)
            "wrong" "the value is empty, and auth.type oidc needs it"
            "write" "write the value that the OpenID provider states") }}
    {{- end }}
  {{- end }}
  {{- range .Values.extraEnv }}
    {{- if eq .name "INTRA_COMMUNICATION_BASE64" }}
      {{- include "common.problem" (dict
            "path" "extraEnv"
            "wrong" "a client that knows INTRA_COMMUNICATION_BASE64 bypasses all permissions of Feast"
            "write" "remove the variable, and give each client a token of its own") }}
    {{- end }}
  {{- end }}
{{- end }}

{{- define "feast.checks.repository" }}
  {{- range $source, $path := dict "files" "files" "git" "git.url" "image" "image.repository" }}
    {{- $value := $.Values.repository }}
    {{- range splitList "." $path }}
      {{- $value = index $value . }}
    {{- end }}
    {{- if and (eq $source $.Values.repository.source) (not $value) }}
      {{- include "common.problem" (dict
            "path" (printf "repository.%s" $path)
            "wrong" (printf "the value is empty, and repository.source %s needs it" $source)
            "write" "write the value, or set repository.source: none") }}
    {{- end }}
  {{- end }}
{{- end }}
