{{- /*
  common.externalSecrets        an ExternalSecret for each of the values' externalSecrets.secrets: the
                                External Secrets operator makes the Secret of that name
  common.externalSecretsChecks  what the schema can't say about them
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
    {{- end }}
  {{- end }}
  {{- end }}
{{- end }}

{{- define "common.externalSecretsChecks" }}
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
            "wrong" "externalSecrets.secrets come from no store"
            "write" "write the name of a SecretStore or ClusterSecretStore") }}
    {{- end }}
  {{- end }}
  {{- range $name, $secret := $external.secrets }}
    {{- if not (or $secret.from $secret.keys) }}
      {{- include "common.problem" (dict
            "path" (printf "externalSecrets.secrets.%s" $name)
            "wrong" "it comes from nowhere"
            "write" "write from, an entry of the store whose keys it takes, or keys one by one") }}
    {{- end }}
  {{- end }}
{{- end }}
