{{- /*
What the schema can't say about the values of this chart.
  feast.checks             all of it
  feast.checks.scale       replicas, against a volume and each other
  feast.checks.callers     what the gRPC server can't do, and whom OIDC lets in
  feast.checks.stores      stores that are named in part
  feast.checks.repository  a feature repository that is nowhere
  feast.checks.routes      Ingress and HTTPRoute without a host or a gateway
*/}}
{{- define "feast.checks" }}
  {{- include "feast.checks.scale" . }}
  {{- include "feast.checks.callers" . }}
  {{- include "feast.checks.stores" . }}
  {{- include "feast.checks.repository" . }}
  {{- include "feast.checks.routes" . }}
{{- end }}

{{- define "feast.checks.scale" }}
  {{- with .Values.autoscaling }}
    {{- if and .enabled (gt (int .minReplicas) (int .maxReplicas)) }}
      {{- include "common.problem" (dict
            "path" "autoscaling.minReplicas"
            "wrong" (printf "%v is more than autoscaling.maxReplicas (%v)" .minReplicas .maxReplicas)
            "write" (printf "write at most %v, or raise autoscaling.maxReplicas" .maxReplicas)) }}
    {{- end }}
  {{- end }}
  {{- $replicas := ternary .Values.autoscaling.maxReplicas .Values.replicas .Values.autoscaling.enabled | int }}
  {{- if and (eq .Values.registry.store "file") (gt $replicas 1) }}
    {{- include "common.problem" (dict
          "path" "registry.store"
          "wrong" (printf "a file is the registry of one server, and there may be %d" $replicas)
          "write" "write sql, or replicas: 1 without autoscaling") }}
  {{- end }}
{{- end }}

{{- define "feast.checks.callers" }}
  {{- if and .Values.grpc.enabled (ne .Values.auth.type "no_auth") }}
    {{- include "common.problem" (dict
          "path" "grpc.enabled"
          "wrong" (printf "Feast's gRPC server asks nobody who he is, and auth.type is %s" .Values.auth.type)
          "write" "write false, or auth.type: no_auth and let the mesh decide who may call") }}
  {{- end }}
  {{- if and .Values.grpc.enabled .Values.tls.enabled }}
    {{- include "common.problem" (dict
          "path" "grpc.enabled"
          "wrong" "Feast's gRPC server has no TLS, and tls.enabled is true"
          "write" "write false, or tls.enabled: false and let the mesh encrypt") }}
  {{- end }}
  {{- range $key := list "discoveryUrl" "clientId" "audience" "issuer" }}
    {{- if and (eq $.Values.auth.type "oidc") (not (index $.Values.auth.oidc $key)) }}
      {{- include "common.problem" (dict
            "path" (printf "auth.oidc.%s" $key)
            "wrong" "auth.type is oidc, and this is empty"
            "write" "write what the OpenID provider says") }}
    {{- end }}
  {{- end }}
  {{- range .Values.extraEnv }}
    {{- if eq .name "INTRA_COMMUNICATION_BASE64" }}
      {{- include "common.problem" (dict
            "path" "extraEnv"
            "wrong" "who knows INTRA_COMMUNICATION_BASE64 passes every permission of Feast"
            "write" "leave it out, and give the caller a token of his own") }}
    {{- end }}
  {{- end }}
{{- end }}

{{- define "feast.checks.stores" }}
  {{- with .Values.global.postgresql.tls }}
    {{- if and (include "feast.usesPostgresql" $) (hasPrefix "verify-" .mode) (not .existingSecret.name) }}
      {{- include "common.problem" (dict
            "path" "global.postgresql.tls.existingSecret.name"
            "wrong" (printf "the mode %s needs an authority to verify by" .mode)
            "write" "write the Secret that holds its certificate") }}
    {{- end }}
  {{- end }}
  {{- with .Values.offlineStore }}
    {{- if eq .type "trino" }}
      {{- if hasSuffix "feastdev/feature-server" $.Values.image.repository }}
        {{- include "common.problem" (dict
              "path" "image.repository"
              "wrong" (printf "%s does not hold the client of Trino, and offlineStore.type is trino" $.Values.image.repository)
              "write" "write an image that does, such as tools/images/feast-trino") }}
      {{- end }}
      {{- range $key := list "host" "port" "catalog" "user" "connector" }}
        {{- if not (hasKey $.Values.offlineStore.settings $key) }}
          {{- include "common.problem" (dict
                "path" (printf "offlineStore.settings.%s" $key)
                "wrong" "Feast needs it for Trino, and it is not there"
                "write" "write it as in values/production.yaml") }}
        {{- end }}
      {{- end }}
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
            "wrong" (printf "repository.source is %s, and this is empty" $source)
            "write" "write it, or repository.source: none") }}
    {{- end }}
  {{- end }}
{{- end }}

{{- define "feast.checks.routes" }}
  {{- range $path := list "ingress.hosts" "httpRoute.parentRefs" "httpRoute.hostnames" }}
    {{- $route := index (splitList "." $path) 0 }}
    {{- $values := index $.Values $route }}
    {{- $also := ternary (concat ($values.uiHosts | default list) ($values.uiHostnames | default list)) list (ne $path "httpRoute.parentRefs") }}
    {{- if and $values.enabled (not (index $values (index (splitList "." $path) 1))) (not $also) }}
      {{- include "common.problem" (dict
            "path" $path
            "wrong" (printf "%s.enabled is true, and this is empty" $route)
            "write" "write at least one") }}
    {{- end }}
  {{- end }}
  {{- range $path := list "ingress.uiHosts" "httpRoute.uiHostnames" }}
    {{- $values := index $.Values (index (splitList "." $path) 0) }}
    {{- if and $values.enabled (index $values (index (splitList "." $path) 1)) (not $.Values.ui.enabled) }}
      {{- include "common.problem" (dict
            "path" $path
            "wrong" "it leads to the UI, and ui.enabled is false"
            "write" "write ui.enabled: true, or none here") }}
    {{- end }}
  {{- end }}
  {{- if .Values.httpRoute.enabled }}
    {{- include "common.needsApi" (dict
          "ctx" $
          "api" "gateway.networking.k8s.io/v1"
          "path" "httpRoute.enabled"
          "install" "the Gateway API's CRDs") }}
  {{- end }}
{{- end }}
