{{- /*
Secrets of the values: {name, keys}, where `keys` maps a purpose, such as `password`, to the key in
the Secret. A pod whose Secret or key does not exist stays pending, reports the missing object in an event,
and starts as soon as the object exists.
*/}}

{{- /*
common.secretEnv renders environment variables from a Secret, as a YAML list. Takes `secret`, and
`env`, which maps a variable to one of the `keys`. Fails without `secret` or `env`, and if the Secret
has no such key in the values.
*/}}
{{- define "common.secretEnv" }}
  {{- include "common.need" (list "common.secretEnv" . "secret" "env") }}
  {{- $secret := .secret }}
  {{- $entries := list }}
  {{- range $variable, $what := .env }}
    {{- $missing := printf "common.secretEnv: Secret %s has no %q among its keys" $secret.name $what }}
    {{- $key := index $secret.keys $what | required $missing }}
    {{- $source := dict "secretKeyRef" (dict "name" $secret.name "key" $key) }}
    {{- $entries = append $entries (dict "name" $variable "valueFrom" $source) }}
  {{- end }}
  {{- toYaml $entries }}
{{- end }}

{{- /*
common.secretFiles renders the source of a volume with files of a Secret, as JSON. Takes `secret`,
and `files`, which maps one of the `keys` to the name of its file. Fails without `secret` or
`files`.
*/}}
{{- define "common.secretFiles" }}
  {{- include "common.need" (list "common.secretFiles" . "secret" "files") }}
  {{- $secret := .secret }}
  {{- $items := list }}
  {{- range $what, $file := .files }}
    {{- $items = append $items (dict "key" (index $secret.keys $what) "path" $file) }}
  {{- end }}
  {{- dict "secret" (dict "secretName" $secret.name "items" $items) | toJson }}
{{- end }}
