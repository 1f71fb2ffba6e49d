{{- /*
  backup.checks  checks of values that the schema can't express
*/}}
{{- define "backup.checks" }}
  {{- if or .Values.schedules .Values.locations .Values.snapshotLocations }}
    {{- include "common.needsApi" (dict
          "ctx" $
          "api" "velero.io/v1"
          "path" "schedules"
          "install" "Velero"
          "off" "{}") }}
  {{- end }}
  {{- range $name, $schedule := .Values.schedules }}
    {{- if $schedule }}
      {{- include "backup.checks.schedule" (dict "ctx" $ "name" $name) }}
    {{- end }}
  {{- end }}
  {{- $default := "" }}
  {{- $folders := dict }}
  {{- range $name, $location := .Values.locations }}
    {{- $folder := pick $location "provider" "bucket" "prefix" "config" | toJson }}
    {{- with get $folders $folder }}
      {{- include "common.problem" (dict
            "path" (printf "locations.%s" $name)
            "wrong" (printf "the location %s has the same bucket and prefix, so each lists the other's backups" .)
            "write" "write another bucket, or a prefix for each location") }}
    {{- end }}
    {{- $_ := set $folders $folder $name }}
    {{- if and $location.default $default }}
      {{- include "common.problem" (dict
            "path" (printf "locations.%s.default" $name)
            "wrong" (printf "the location %s is the default too" $default)
            "write" "write default: true for one location only") }}
    {{- end }}
    {{- if $location.default }}
      {{- $default = $name }}
    {{- end }}
  {{- end }}
  {{- with .Values.stores.s3 }}
    {{- if and .enabled (not .server) (ne (join ", " .pods) "s3-0") }}
      {{- include "common.problem" (dict
            "path" "stores.s3.server"
            "wrong" (printf "the value is empty, and the chart knows the S3 server of s3-0 only, not of the pods %s"
              (join ", " .pods))
            "write" "write seaweedfs, or other for MinIO and other software that needs no commands") }}
    {{- end }}
  {{- end }}
  {{- if .Values.drill.enabled }}
    {{- include "backup.checks.drill" . }}
  {{- end }}
{{- end }}
