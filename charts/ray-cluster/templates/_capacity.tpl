{{- /*
  ray-cluster.capacity  templates of this chart that create pods, for the umbrella's capacity check, as a
                        JSON list of {template, lower, name}. `lower` is the value to reduce, `name` the
                        object or the group of a RayCluster
*/}}
{{- define "ray-cluster.capacity" }}
  {{- $head := dict "lower" "head.resources" }}
  {{- $templates := list
        (merge (dict "template" "head/statefulset.yaml") $head)
        (merge (dict "template" "kuberay/raycluster.yaml" "name" "head") $head)
        (dict "template" "kuberay/rayservices.yaml" "lower" "services")
        (dict "template" "test/pod.yaml" "lower" "test.resources") }}
  {{- range $group, $_ := include "ray.groups" . | fromJson }}
    {{- $replicas := $.Values.autoscaling.enabled | ternary "maxReplicas" "replicas" }}
    {{- $lower := printf "workerGroups.%s.%s" $group $replicas }}
    {{- $name := include "common.name" (dict "ctx" $ "app" "ray-cluster" "component" $group) }}
    {{- $templates = concat $templates (list
          (dict "template" "workers/deployment.yaml" "name" $name "lower" $lower)
          (dict "template" "kuberay/raycluster.yaml" "name" $group "lower" $lower)) }}
  {{- end }}
  {{- $templates | toJson }}
{{- end }}
