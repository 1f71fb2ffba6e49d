{{- /*
extraEnv of a store reaches each container that connects to the store, those of Jobs too. Without extraEnv, the rendered
text of `env` does not change, since the name of a Job ends with a hash of the text.
*/}}

{{- /*
data-services.extendedEnv renders the environment of a container: `env`, a rendered YAML list, and extraEnv of the
store's `values`. Fails if one is missing.
*/}}
{{- define "data-services.extendedEnv" }}
  {{- include "common.need" (list "data-services.extendedEnv" . "env" "values") }}
  {{- with .values.extraEnv }}
    {{- include "common.env" (dict "env" $.env "extra" .) }}
  {{- else }}
    {{- .env }}
  {{- end }}
{{- end }}
