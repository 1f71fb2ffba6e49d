{{- /*
Credentials. From the second generation on, the credentials Job adds the key `generation-N` to the Secrets.
Pods of the stores read this key, so that the pods start with the new password only.
*/}}

{{- /*
data-services.credentials renders the Secrets that the credentials Job creates as a JSON list of {name, keys}; each key
has a fixed `value` or the `length` of a random one, and can have another value in a release that is `older` than the
Secret. Takes the root context.
*/}}
{{- define "data-services.credentials" }}
  {{- $secrets := list }}
  {{- if .Values.postgresql.enabled }}
    {{- with .Values.postgresql.superuser.existingSecret }}
      {{- $secrets = append $secrets (dict "name" .name "keys" (dict .keys.password (dict "length" 32))) }}
    {{- end }}
    {{- range .Values.global.postgresql.databases }}
      {{- $keys := dict
            .existingSecret.keys.username (dict "value" .name)
            .existingSecret.keys.password (dict "length" 32) }}
      {{- $secrets = append $secrets (dict "name" .existingSecret.name "keys" $keys) }}
    {{- end }}
  {{- end }}
  {{- if .Values.redis.enabled }}
    {{- with .Values.global.redis.existingSecret }}
      {{- $keys := dict .keys.password (dict "length" 32) }}
      {{- with .keys.username }}
        {{- $_ := set $keys . (dict "value" "platform") }}
      {{- end }}
      {{- $secrets = append $secrets (dict "name" .name "keys" $keys) }}
    {{- end }}
  {{- end }}
  {{- if .Values.s3.enabled }}
    {{- with .Values.global.s3.existingSecret }}
      {{- $keys := dict .keys.accessKey (dict "length" 20) .keys.secretKey (dict "length" 40) }}
      {{- $secrets = append $secrets (dict "name" .name "keys" $keys) }}
    {{- end }}
  {{- end }}
  {{- if gt (int .Values.credentials.generation) 1 }}
    {{- range $secrets }}
      {{- $number := toString $.Values.credentials.generation }}
      {{- $_ := set .keys (print "generation-" $number) (dict "value" $number) }}
    {{- end }}
  {{- end }}
  {{- concat (include "data-services.credentials.gateway" . | fromJsonArray) $secrets | toPrettyJson }}
{{- end }}

{{- /*
data-services.credentials.gateway renders the Secret with the passphrase of MLflow's gateway for
data-services.credentials. The Secret is the first of the list and has no generation: if the Secret of MLflow's database
exists before it, the database can store API keys that MLflow encrypted with the passphrase in its source
(DEFAULT_KEK_PASSPHRASE in mlflow/utils/crypto.py of MLflow 3.17.2), and only `mlflow crypto rotate-kek` changes that
passphrase. Takes the root context.
*/}}
{{- define "data-services.credentials.gateway" }}
  {{- $secrets := list }}
  {{- with .Values.credentials.mlflowGateway.existingSecret }}
    {{- if and $.Values.postgresql.enabled .name }}
      {{- $older := dict
            "secret" $.Values.global.postgresql.databases.mlflow.existingSecret.name
            "value" "mlflow-default-kek-passphrase-for-development-only" }}
      {{- $keys := dict .keys.passphrase (dict "length" 40 "older" $older) }}
      {{- $secrets = append $secrets (dict "name" .name "keys" $keys) }}
    {{- end }}
  {{- end }}
  {{- toJson $secrets }}
{{- end }}

{{- /*
data-services.generation renders the number of the generation for checksums, and nothing for the first
generation. Takes the root context.
*/}}
{{- define "data-services.generation" }}
  {{- gt (int .Values.credentials.generation) 1 | ternary (toString .Values.credentials.generation) "" }}
{{- end }}

{{- /*
data-services.generationEnv renders a variable that keeps a pod from starting until its Secret has the current
generation. Takes `ctx` and `secret`; fails if one is missing.
*/}}
{{- define "data-services.generationEnv" }}
  {{- include "common.need" (list "data-services.generationEnv" . "ctx" "secret") }}
  {{- $credentials := .ctx.Values.credentials }}
  {{- if and $credentials.enabled (gt (int $credentials.generation) 1) -}}
- name: CREDENTIALS_GENERATION
  valueFrom:
    secretKeyRef:
      name: {{ .secret.name | quote }}
      key: generation-{{ $credentials.generation }}
  {{- end }}
{{- end }}
