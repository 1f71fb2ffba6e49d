{{- /*
  feast.capacity  the templates that create pods, as a JSON list. The umbrella adds up their requests
                  and limits. `most` is the maximum number of pods where the object does not state it;
                  `lower` is the value to lower when the sum exceeds the capacity.
*/}}
{{- define "feast.capacity" }}
  {{- $replicas := include "common.replicas" (dict "ctx" $) | fromJson }}
  {{- list
        (merge (dict "template" "server/deployment.yaml") $replicas)
        (dict "template" "offline/deployment.yaml" "lower" "offlineServer.resources")
        (dict "template" "registry/deployment.yaml" "lower" "registryServer.resources")
        (dict "template" "ui/deployment.yaml" "lower" "ui.resources")
        (dict "template" "apply/job.yaml" "lower" "jobs.resources")
        (dict "template" "schema/job.yaml" "lower" "jobs.resources")
        (dict "template" "materialization/cronjob.yaml" "lower" "materialization.resources")
        (dict "template" "backfill/job.yaml" "lower" "backfill.resources")
        (dict "template" "test/pod.yaml" "lower" "test.resources") | toJson }}
{{- end }}
