{{- /*
Most templates of this chart take a dict and check its keys with common.need. Four keys mean the
same everywhere:
  ctx        the root context of the chart that calls
  app        name of the application: `mlflow`, `postgresql`, …
  component  name of the component within its application; left out for the main one (`server`)
  values     the section of the values that configures the component
A caller builds the dict of its component once, as $me, and merges other keys into it.
*/}}

{{- /*
common.need renders nothing. It fails if the dict of a named template lacks a key.
Takes a list: the template's name, its dict, and the keys that the dict must have.
*/}}
{{- define "common.need" }}
  {{- $template := first . }}
  {{- $arguments := index . 1 }}
  {{- if not (kindIs "map" $arguments) }}
    {{- fail (printf "%s: takes a dict, got %s" $template (kindOf $arguments)) }}
  {{- end }}
  {{- range slice . 2 }}
    {{- if not (hasKey $arguments .) }}
      {{- $keys := keys $arguments | sortAlpha | join ", " | default "nothing" }}
      {{- fail (printf "%s: needs %q in its dict, got %s" $template . $keys) }}
    {{- end }}
  {{- end }}
{{- end }}
