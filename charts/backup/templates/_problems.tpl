{{- /*
Checks that several values need.
  backup.unknownName  refuses a `name` that is not a key of the map `of`; `key` is the path of this map in
                       the values
*/}}
{{- define "backup.unknownName" }}
  {{- include "common.need" (list "backup.unknownName" . "path" "name" "of" "key") }}
  {{- $entries := keys (.of | default dict) | sortAlpha | join ", " | default "none" }}
  {{- if not (hasKey (.of | default dict) .name) }}
    {{- include "common.problem" (dict
          "path" .path
          "wrong" (printf "%s has no entry %s" .key .name)
          "write" (printf "write one of its keys (%s), or add %s.%s" $entries .key .name)) }}
  {{- end }}
{{- end }}
