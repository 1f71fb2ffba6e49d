{{- /*
  feast.capacity  which templates make pods, for the umbrella's arithmetic: `most` pods where there
                  may be more than the object says, and the value that is to be lowered
*/}}
{{- define "feast.capacity" }}
  {{- $scaled := dict "most" .Values.autoscaling.maxReplicas "lower" "autoscaling.maxReplicas" }}
  {{- list
        (merge (dict "template" "server/deployment.yaml") (.Values.autoscaling.enabled | ternary $scaled (dict "lower" "replicas")))
        (dict "template" "offline/deployment.yaml" "lower" "offlineServer.resources")
        (dict "template" "registry/deployment.yaml" "lower" "registryServer.resources")
        (dict "template" "ui/deployment.yaml" "lower" "ui.resources")
        (dict "template" "apply/job.yaml" "lower" "jobs.resources")
        (dict "template" "schema/job.yaml" "lower" "jobs.resources")
        (dict "template" "materialization/cronjob.yaml" "lower" "materialization.resources")
        (dict "template" "test/pod.yaml" "lower" "test.resources") | toJson }}
{{- end }}
