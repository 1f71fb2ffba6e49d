{{- /*
mlflow.capacity renders a JSON list of the templates that create pods, from which the umbrella computes the
capacity that the platform needs: `template`, `most` (the highest number of pods, where the object does not state it)
and `lower` (the value to lower when the capacity is exceeded). Takes the root context.
*/}}
{{- define "mlflow.capacity" }}
  {{- $scaled := dict "most" .Values.autoscaling.maxReplicas "lower" "autoscaling.maxReplicas" }}
  {{- $server := .Values.autoscaling.enabled | ternary $scaled (dict "lower" "replicas") }}
  {{- list
        (merge (dict "template" "server/deployment.yaml") $server)
        (dict "template" "migration/job.yaml" "lower" "migration.resources")
        (dict "template" "garbage-collection/cronjob.yaml" "lower" "garbageCollection.resources")
        (dict "template" "test/pod.yaml" "lower" "test.resources") | toJson }}
{{- end }}
