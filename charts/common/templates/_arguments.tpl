{{- /*
Every helper takes a dict and says its own name when it is called wrongly.
  common.need (list "the helper" . "key" …)  fails unless the dict has all the keys

A component is named by a dict that most helpers take, made once at the top of a template:
  ctx        the root context
  app        the application: `mlflow`, `postgresql`, …
  component  its part; left out for the part that gives the application its name (`server`)
*/}}
{{- define "common.need" }}
  {{- $helper := first . }}
  {{- $arguments := index . 1 }}
  {{- if not (kindIs "map" $arguments) }}
    {{- fail (printf "%s: takes a dict, got %s" $helper (kindOf $arguments)) }}
  {{- end }}
  {{- range slice . 2 }}
    {{- if not (hasKey $arguments .) }}
      {{- fail (printf "%s: needs %q in its dict, got %s" $helper . (keys $arguments | sortAlpha | join ", " | default "nothing")) }}
    {{- end }}
  {{- end }}
{{- end }}
