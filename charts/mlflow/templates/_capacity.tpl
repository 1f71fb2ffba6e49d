{{- /*
mlflow.capacity renders a JSON list of the templates that create pods, from which the umbrella computes the
capacity that the platform needs: `template`, `most` (the highest number of pods, where the object does not state it)
and `lower` (the value to lower when the capacity is exceeded). Takes the root context.
*/}}
{{- define "mlflow.capacity" }}
  {{- $replicas := include "common.replicas" (dict "ctx" $) | fromJson }}
  {{- list
        (merge (dict "template" "server/deployment.yaml") $replicas)
        (dict "template" "proxy/deployment.yaml" "lower" "oidc.replicas")
        (dict "template" "migration/job.yaml" "lower" "migration.resources")
        (dict "template" "garbage-collection/cronjob.yaml" "lower" "garbageCollection.resources")
        (dict "template" "test/pod.yaml" "lower" "test.resources") | toJson }}
{{- end }}
