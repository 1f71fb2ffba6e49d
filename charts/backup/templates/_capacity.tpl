{{- /*
  backup.capacity  which templates make pods, for the umbrella's arithmetic, and the value that is to be
                   lowered. What a drill restores runs in a namespace of its own, under drill.quota,
                   which the umbrella counts against the nodes.
*/}}
{{- define "backup.capacity" }}
  {{- list
        (dict "template" "drill/cronjob.yaml" "lower" "drill.resources")
        (dict "template" "metrics/deployment.yaml" "lower" "drill.resources") | toJson }}
{{- end }}
