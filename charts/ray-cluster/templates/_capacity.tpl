{{- /*
  ray-cluster.capacity  which templates make pods, for the umbrella's arithmetic, and the value that
                        is to be lowered: one entry a worker group
*/}}
{{- define "ray-cluster.capacity" }}
  {{- $head := dict "lower" "head.resources" }}
  {{- $states := list
        (merge (dict "template" "head/statefulset.yaml") $head)
        (merge (dict "template" "kuberay/raycluster.yaml" "name" "head") $head)
        (dict "template" "kuberay/rayservices.yaml" "lower" "services")
        (dict "template" "test/pod.yaml" "lower" "test.resources") }}
  {{- range $group, $_ := include "ray.groups" . | fromJson }}
    {{- $lower := printf "workerGroups.%s.%s" $group ($.Values.autoscaling.enabled | ternary "maxReplicas" "replicas") }}
    {{- $name := include "common.name" (dict "ctx" $ "app" "ray-cluster" "component" $group) }}
    {{- $states = concat $states (list
          (dict "template" "workers/deployment.yaml" "name" $name "lower" $lower)
          (dict "template" "kuberay/raycluster.yaml" "name" $group "lower" $lower)) }}
  {{- end }}
  {{- $states | toJson }}
{{- end }}
