{{- /*
  feast.checks.backfill  renders the problems of the first and last day of an enabled backfill: one is missing, or the
                         first is after the last
*/}}
{{- define "feast.checks.backfill" }}
  {{- with .Values.backfill }}
    {{- if .enabled }}
      {{- range $key := list "firstDay" "lastDay" }}
        {{- if not (get $.Values.backfill $key) }}
          {{- include "common.problem" (dict
                "path" (printf "backfill.%s" $key)
                "wrong" "the value is empty, and backfill.enabled is true"
                "write" "write a day such as 2026-01-31") }}
        {{- end }}
      {{- end }}
      {{- if and .firstDay .lastDay (gt .firstDay .lastDay) }}
        {{- include "common.problem" (dict
              "path" "backfill.firstDay"
              "wrong" (printf "%s is after backfill.lastDay (%s)" .firstDay .lastDay)
              "write" "write an earlier day") }}
      {{- end }}
    {{- end }}
  {{- end }}
{{- end }}
