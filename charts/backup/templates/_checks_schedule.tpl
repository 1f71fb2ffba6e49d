{{- /*
  backup.checks.schedule  checks of one of the schedules, by its `name`
*/}}
{{- define "backup.checks.schedule" }}
  {{- $path := printf "schedules.%s" .name }}
  {{- $schedule := get .ctx.Values.schedules .name }}
  {{- include "backup.cronProblem" (dict "path" (print $path ".schedule") "cron" $schedule.schedule) }}
  {{- if not (regexMatch "^([0-9]+h)?([0-9]+m)?([0-9]+s)?$" (toString $schedule.ttl | default "none")) }}
    {{- include "common.problem" (dict
          "path" (print $path ".ttl")
          "wrong" (printf "%q is no duration that Velero reads, which has units and none longer than h" (toString $schedule.ttl))
          "write" "write hours, such as 720h for 30 days") }}
  {{- end }}
  {{- if not $schedule.namespaces }}
    {{- include "common.problem" (dict
          "path" (print $path ".namespaces")
          "wrong" "it is empty, and Velero would back up every namespace"
          "write" (printf "name them, such as [%s]" .ctx.Release.Namespace)) }}
  {{- end }}
  {{- if and $schedule.moveSnapshots (ne ($schedule.volumes | default "fileSystem") "snapshots") }}
    {{- include "common.problem" (dict
          "path" (print $path ".moveSnapshots")
          "wrong" "no snapshots are made that could be moved"
          "write" (printf "write %s.volumes: snapshots, or leave it out" $path)) }}
  {{- end }}
  {{- with $schedule.location }}
    {{- include "backup.unknown" (dict "path" (print $path ".location") "name" . "of" $.ctx.Values.locations "key" "locations") }}
  {{- end }}
  {{- range $number, $name := $schedule.snapshotLocations }}
    {{- include "backup.unknown" (dict "path" (printf "%s.snapshotLocations[%d]" $path $number) "name" $name "of" $.ctx.Values.snapshotLocations "key" "snapshotLocations") }}
  {{- end }}
{{- end }}
