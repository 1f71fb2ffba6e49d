{{- /*
common.cronProblem renders a problem if a value is not a cron expression of Kubernetes: five fields in their ranges, or
@daily or similar. Takes `path` of the value and `cron`, the value; fails if one of them is missing.
*/}}
{{- define "common.cronProblem" }}
  {{- include "common.need" (list "common.cronProblem" . "path" "cron") }}
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
