{{- /*
The one contract for secrets: existingSecret: {name, keys: {what: "key in the Secret"}}.
  common.secretEnv  environment from the `secret`; `env` maps a variable to one of `keys`:
                    (dict "secret" … "env" (dict "PGUSER" "username" "PGPASSWORD" "password"))
  common.secretFiles  a volume's source, as JSON: the files of a `secret`; `files` maps what to a file
                      name: (dict "secret" … "files" (dict "ca" "ca.crt"))
A pod whose Secret or key is missing stays pending, says which in an event, and starts by itself
once it is there.
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

{{- define "common.secretFiles" }}
  {{- include "common.need" (list "common.secretFiles" . "secret" "files") }}
  {{- $secret := .secret }}
  {{- $items := list }}
  {{- range $what, $file := .files }}
    {{- $items = append $items (dict "key" (index $secret.keys $what) "path" $file) }}
  {{- end }}
  {{- dict "secret" (dict "secretName" $secret.name "items" $items) | toJson }}
{{- end }}
