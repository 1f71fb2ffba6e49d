{{- /*
  backup.checks.schedule  checks of the schedule `name`
*/}}
{{- define "backup.checks.schedule" }}
  {{- $path := printf "schedules.%s" .name }}
  {{- $schedule := get .ctx.Values.schedules .name }}
  {{- include "backup.cronProblem" (dict "path" (print $path ".schedule") "cron" $schedule.schedule) }}
  {{- if not (regexMatch "^([0-9]+h)?([0-9]+m)?([0-9]+s)?$" (toString $schedule.ttl | default "none")) }}
    {{- include "common.problem" (dict
          "path" (print $path ".ttl")
          "wrong" (printf
            "%q is not a duration of Velero, whose units are h, m and s"
            (toString $schedule.ttl))
          "write" "write a number of hours, such as 720h for 30 days") }}
  {{- end }}
  {{- if not $schedule.namespaces }}
    {{- include "common.problem" (dict
          "path" (print $path ".namespaces")
          "wrong" "the list is empty, and Velero would back up every namespace"
          "write" (printf "write the namespaces, such as [%s]" .ctx.Release.Namespace)) }}
  {{- end }}
  {{- if and $schedule.moveSnapshots (ne ($schedule.volumes | default "fileSystem") "snapshots") }}
    {{- include "common.problem" (dict
          "path" (print $path ".moveSnapshots")
          "wrong" "the schedule creates no snapshots to move"
          "write" (printf "set %s.volumes: snapshots, or remove the key" $path)) }}
  {{- end }}
  {{- with $schedule.location }}
    {{- include "backup.unknownName" (dict
          "path" (print $path ".location")
          "name" .
          "of" $.ctx.Values.locations
          "key" "locations") }}
  {{- end }}
  {{- range $number, $name := $schedule.snapshotLocations }}
    {{- include "backup.unknownName" (dict
          "path" (printf "%s.snapshotLocations[%d]" $path $number)
          "name" $name
          "of" $.ctx.Values.snapshotLocations
          "key" "snapshotLocations") }}
  {{- end }}
{{- end }}
