{{- /*
  gpu-pool.capacity  templates of this chart that create pods, for the umbrella's capacity check, as a JSON
                     list of {template, lower}. `lower` is the value to reduce. The Deployments of the
                     vector addition are not listed: their pods run only during `helm test`
*/}}
{{- define "gpu-pool.capacity" }}
  {{- list (dict "template" "test/pod.yaml" "lower" "test.resources") | toJson }}
{{- end }}
