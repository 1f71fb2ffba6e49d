{{- /*
Extensions of a store's values, which reach each container that connects to the store: extraEnv, extraVolumeMounts,
extraVolumes and extraSidecars. Without them, the text stays as it is: the name of a Job ends with its hash.
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
