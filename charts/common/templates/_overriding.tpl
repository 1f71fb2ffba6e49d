{{- /*
common.override renders the map `base` with the values of the map `over`, as JSON. Maps are merged at every depth;
null in `over` removes the key of `base`, or empties a map or list of `base`. Fails if one of the two is missing.
*/}}
{{- define "common.override" }}
  {{- include "common.need" (list "common.override" . "base" "over") }}
  {{- $merged := deepCopy .base }}
  {{- range $key, $value := .over }}
    {{- $before := get $.base $key }}
    {{- if kindIs "invalid" $value }}
      {{- $merged = omit $merged $key }}
      {{- if or (kindIs "map" $before) (kindIs "slice" $before) }}
        {{- $_ := set $merged $key (kindIs "map" $before | ternary dict list) }}
      {{- end }}
    {{- else if and (kindIs "map" $value) (kindIs "map" $before) }}
      {{- $_ := set $merged $key (include "common.override" (dict "base" $before "over" $value) | fromJson) }}
    {{- else }}
      {{- $_ := set $merged $key $value }}
    {{- end }}
  {{- end }}
  {{- toJson $merged }}
{{- end }}
