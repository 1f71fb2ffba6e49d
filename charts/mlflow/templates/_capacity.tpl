{{- /*
  mlflow.capacity  which templates make pods, for the umbrella's arithmetic: `most` pods where there
                   may be more than the object says, and the value that is to be lowered
*/}}
{{- define "mlflow.capacity" }}
  {{- $scaled := dict "most" .Values.autoscaling.maxReplicas "lower" "autoscaling.maxReplicas" }}
  {{- list
        (merge (dict "template" "server/deployment.yaml") (.Values.autoscaling.enabled | ternary $scaled (dict "lower" "replicas")))
        (dict "template" "migration/job.yaml" "lower" "migration.resources")
        (dict "template" "garbage-collection/cronjob.yaml" "lower" "garbageCollection.resources")
        (dict "template" "test/pod.yaml" "lower" "test.resources") | toJson }}
{{- end }}
