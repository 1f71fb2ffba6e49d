{{- /*
common.externalSecrets renders an ExternalSecret for each entry of .Values.externalSecrets.secrets. The key of
an entry is the name of the Secret that the External Secrets operator creates. Takes `ctx` and `app`, and
fails if one is missing.
*/}}
{{- define "common.externalSecrets" }}
  {{- include "common.need" (list "common.externalSecrets" . "ctx" "app") }}
  {{- $external := .ctx.Values.externalSecrets }}
  {{- range $name, $secret := $external.secrets }}
---
apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata:
  {{- include "common.metadata" (merge (dict "name" $name) $) | nindent 2 }}
spec:
  refreshInterval: {{ $external.refreshSeconds }}s
  secretStoreRef:
    {{- toYaml $external.store | nindent 4 }}
  target:
    name: {{ $name }}
  {{- with $secret.from }}
  dataFrom:
    - extract:
        key: {{ . | quote }}
        {{- include "common.externalSecretDefaults" . | nindent 8 }}
  {{- end }}
  {{- with $secret.keys }}
  data:
    {{- range $key, $remote := . }}
    - secretKey: {{ $key }}
      remoteRef:
        key: {{ $remote.from | quote }}
        {{- with $remote.property }}
        property: {{ . | quote }}
        {{- end }}
        {{- include "common.externalSecretDefaults" . | nindent 8 }}
    {{- end }}
  {{- end }}
  {{- end }}
{{- end }}

{{- /* common.externalSecretDefaults renders the fields that the API server adds to a reference to a secret. */}}
{{- define "common.externalSecretDefaults" -}}
conversionStrategy: Default
decodingStrategy: None
metadataPolicy: None
{{- end }}

{{- /*
common.externalSecretsChecks renders the problems of .Values.externalSecrets: no API of the External Secrets
operator, no SecretStore, a Secret without a source. A chart without the section externalSecrets has no problems.
Takes `ctx`, and fails without it.
*/}}
{{- define "common.externalSecretsChecks" }}
  {{- include "common.need" (list "common.externalSecretsChecks" . "ctx") }}
  {{- $external := .ctx.Values.externalSecrets | default dict }}
  {{- if $external.secrets }}
    {{- include "common.needsApi" (dict
          "ctx" .ctx
          "api" "external-secrets.io/v1"
          "path" "externalSecrets.secrets"
          "install" "the External Secrets operator"
          "off" "{}") }}
    {{- if not $external.store.name }}
      {{- include "common.problem" (dict
            "path" "externalSecrets.store.name"
            "wrong" "the name is empty, and externalSecrets.secrets is not empty"
            "write" "write the name of a SecretStore or ClusterSecretStore") }}
    {{- end }}
  {{- end }}
  {{- range $name, $secret := $external.secrets }}
    {{- if not (or $secret.from $secret.keys) }}
      {{- include "common.problem" (dict
            "path" (printf "externalSecrets.secrets.%s" $name)
            "wrong" "neither from nor keys is set"
            "write" "write from (the name of a secret in the external store), or keys, each with its own from") }}
    {{- end }}
  {{- end }}
{{- end }}
