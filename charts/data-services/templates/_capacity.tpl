{{- /*
data-services.capacity renders a JSON list of the templates that create pods, from which the umbrella computes the
capacity that the platform needs: `template`, and `lower` (the value to lower when the capacity is exceeded). Takes the
root context.
*/}}
{{- define "data-services.capacity" }}
  {{- list
        (dict "template" "postgresql/statefulset.yaml" "lower" "postgresql.resources")
        (dict "template" "redis/statefulset.yaml" "lower" "redis.resources")
        (dict "template" "s3/statefulset.yaml" "lower" "s3.resources")
        (dict "template" "databases/job.yaml" "lower" "postgresql.jobResources")
        (dict "template" "buckets/job.yaml" "lower" "tools.resources")
        (dict "template" "credentials/job.yaml" "lower" "tools.resources") | toJson }}
{{- end }}
