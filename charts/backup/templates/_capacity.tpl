{{- /*
  backup.capacity  the templates that create pods, as a JSON list, with the value to lower when the sum
                   exceeds the capacity. Pods that a drill restores run in a namespace of their own,
                   under drill.quota, which the umbrella counts against the nodes.
*/}}
{{- define "backup.capacity" }}
  {{- list
        (dict "template" "drill/cronjob.yaml" "lower" "drill.resources")
        (dict "template" "metrics/deployment.yaml" "lower" "drill.resources") | toJson }}
{{- end }}
