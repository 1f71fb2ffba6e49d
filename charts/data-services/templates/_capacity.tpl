{{- /*
  data-services.capacity  which templates make pods, for the umbrella's arithmetic, and the value
                          that is to be lowered
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
