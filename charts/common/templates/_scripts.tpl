{{- /*
common.scripts renders entries for the data of a ConfigMap: the `files` of the chart's folder files/
under their own names, and the Python `modules` of this chart: `waiting`, `apiserver`. Pods that mount the
ConfigMap have a checksum of the same text. Takes `ctx` and `files`; fails if one is missing or a file does
not exist.
*/}}
{{- define "common.scripts" }}
  {{- include "common.need" (list "common.scripts" . "ctx" "files") }}
  {{- $entries := list }}
  {{- range .files }}
    {{- $text := $.ctx.Files.Get (print "files/" .) | required (printf "common.scripts: there is no files/%s" .) }}
    {{- $entries = append $entries (printf "%s: |%s" . ($text | trim | nindent 2)) }}
  {{- end }}
  {{- range .modules }}
    {{- $text := include (printf "common.%sModule" .) $ }}
    {{- $entries = append $entries (printf "%s.py: |%s" . ($text | nindent 2)) }}
  {{- end }}
  {{- join "\n" $entries }}
{{- end }}
