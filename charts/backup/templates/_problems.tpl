{{- /*
Checks that several values need.
  backup.cronProblem  refuses a `cron` expression that is neither five fields in their ranges nor @daily
                      or similar
  backup.unknownName  refuses a `name` that is not a key of the map `of`; `key` is the path of this map in
                       the values
*/}}
{{- define "backup.cronProblem" }}
  {{- include "common.need" (list "backup.cronProblem" . "path" "cron") }}
  {{- $fields := dict
        "0 minute" "([0-9]|[1-5][0-9])"
        "1 hour" "([0-9]|1[0-9]|2[0-3])"
        "2 day of the month" "([1-9]|[12][0-9]|3[01])"
        "3 month" "([1-9]|1[0-2]|JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC)"
        "4 day of the week" "([0-6]|SUN|MON|TUE|WED|THU|FRI|SAT)" }}
  {{- $words := splitList " " .cron }}
  {{- $wrong := "" }}
  {{- if regexMatch "^@(yearly|annually|monthly|weekly|daily|midnight|hourly)$" .cron }}
  {{- else if ne (len $words) 5 }}
    {{- $wrong = printf "%q has %d fields instead of 5" .cron (len $words) }}
  {{- else }}
    {{- range $key, $number := $fields }}
      {{- $word := index $words (regexFind "^." $key | int) }}
      {{- $range := printf "([*]|%s(-%s)?)(/[1-9][0-9]*)?" $number $number }}
      {{- if and (not $wrong) (not (regexMatch (printf "(?i)^%s(,%s)*$" $range $range) $word)) }}
        {{- $wrong = printf "%q is not a valid %s" $word (trimPrefix (regexFind "^. " $key) $key) }}
      {{- end }}
    {{- end }}
  {{- end }}
  {{- if $wrong }}
    {{- include "common.problem" (dict
          "path" .path
          "wrong" (printf "the value is not a cron expression: %s" $wrong)
          "write" "write minute, hour, day of the month, month and day of the week, such as 0 2 * * *") }}
  {{- end }}
{{- end }}

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
