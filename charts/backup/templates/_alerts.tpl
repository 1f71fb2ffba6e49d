{{- /*
  backup.alertValues  values of the ${…} in the alerts, as JSON. Each schedule has its own maximum age, so
                      each has its own query. A schedule is also late if it has no completed backup
                      although Velero has known the schedule for longer than the maximum age.
*/}}
{{- define "backup.alertValues" }}
  {{- $late := list }}
  {{- $unknown := list }}
  {{- $names := list }}
  {{- range $key, $schedule := .Values.schedules }}
    {{- $name := include "common.prefixedName" (dict "ctx" $ "name" $key) }}
    {{- if $schedule }}
      {{- $names = append $names $name }}
    {{- end }}
    {{- if and $schedule (not (default dict $schedule).paused) }}
      {{- $which := printf "{schedule=%q}" $name }}
      {{- $good := printf "velero_backup_last_successful_timestamp%s" $which }}
      {{- $late = append $late (printf "max by (schedule) (time() - %s) > %v" $good (mul .maxAgeHours 3600)) }}
      {{- $late = append $late (printf
            "(max by (schedule) (velero_backup_attempt_total%s offset %vh) unless on (schedule) %s)"
            $which .maxAgeHours $good) }}
      {{- $unknown = append $unknown (printf "absent(velero_backup_attempt_total%s)" $which) }}
    {{- end }}
  {{- end }}
  {{- dict
        "late" (join " or " $late)
        "unknown" (join " or " $unknown)
        "schedules" (join "|" $names)
        "cronjob" (include "common.name" (dict "ctx" $ "app" "backup" "component" "drill"))
        "drillSeconds" (mul .Values.drill.maxAgeDays 86400) | toJson }}
{{- end }}
