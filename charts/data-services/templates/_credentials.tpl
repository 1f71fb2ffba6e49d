{{- /*
  data-services.credentials  what the credentials Job makes, as JSON: a list of {name, keys}, where
                             each key has a fixed `value` or is generated with a `length`
  data-services.generation     the generation, for the checksums of what follows a new one
  data-services.generationEnv  holds a pod back until its `secret` is of credentials.generation
A Secret of a later generation than the first has a key `generation-N`. A server asks for that key,
so it starts with the new password and never with the old one.
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
      {{- $secrets = append $secrets (dict "name" .name "keys" (dict .keys.password (dict "length" 32))) }}
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
  {{- toPrettyJson $secrets }}
{{- end }}

{{- define "data-services.generation" }}
  {{- gt (int .Values.credentials.generation) 1 | ternary (toString .Values.credentials.generation) "" }}
{{- end }}

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
