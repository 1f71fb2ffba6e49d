{{- /*
  ray.checks.autoscaling  the autoscaler and KubeRay implement the settings of a worker group, a `node` at `path`
  ray.checks.resources    the autoscaler can parse the custom resources of the head or a group, a `node` at `path`
  ray.checks.kueue        Kueue admits the cluster that the `labels` of `path` put into a queue; `annotations` are
                          those beside the labels
  ray.checks.kueueGroups  Kueue admits the number of worker groups at the path `groups` of such a cluster
*/}}
{{- define "ray.checks.autoscaling" }}
  {{- if and .ctx.Values.autoscaling.enabled (eq .ctx.Values.autoscaling.version "v1") }}
    {{- range $key := list "idleTimeoutSeconds" "priority" }}
      {{- if get $.node $key }}
        {{- include "common.problem" (dict
              "path" (printf "%s.%s" $.path $key)
              "wrong" "autoscaling.version is v1, and only the autoscaler v2 implements this setting of a group"
              "write" "write 0, or autoscaling.version: v2") }}
      {{- end }}
    {{- end }}
  {{- end }}
  {{- range $key, $since := dict "priority" "1.7.0" "rayLabels" "1.5.0" }}
    {{- if get $.node $key }}
      {{- include "ray.checks.since" (dict "ctx" $.ctx "path" (printf "%s.%s" $.path $key) "since" $since) }}
    {{- end }}
  {{- end }}
{{- end }}

{{- define "ray.checks.resources" }}
  {{- if .ctx.Values.autoscaling.enabled }}
    {{- $params := include "ray.startParams" (merge (dict "role" "worker") .) | fromJson }}
    {{- with $params.resources }}
      {{- /* Ray 2.60 removes backslashes (_get_custom_resources in kuberay/autoscaling_config.py). toJson adds
             backslashes for double quotes and for the characters & < >. */}}
      {{- $key := hasKey $.node.rayStartParams "resources" | ternary "rayStartParams.resources" "rayResources" }}
      {{- if or (regexMatch "['\\\\]" .) (regexMatch ":\\s*-?[0-9]+[.eE]" .) }}
        {{- include "common.problem" (dict
              "path" (printf "%s.%s" $.path $key)
              "wrong" (printf "autoscaling.enabled is true, and the autoscaler of Ray cannot parse %s" .)
              "write" (print "write amounts that are whole numbers, and names without quotes, backslashes and the "
                "characters & < >")) }}
      {{- end }}
    {{- end }}
  {{- end }}
{{- end }}

{{- define "ray.checks.kueue" }}
  {{- $queue := "kueue.x-k8s.io/queue-name" }}
  {{- if get .labels $queue }}
    {{- $path := printf "%s.labels.%s" .path $queue }}
    {{- $elastic := eq "true" (get .annotations "kueue.x-k8s.io/elastic-job" | default "") }}
    {{- if and .ctx.Values.autoscaling.enabled (not $elastic) }}
      {{- include "common.problem" (dict
            "path" $path
            "wrong" "autoscaling.enabled is true, and Kueue does not admit a RayCluster whose size changes"
            "write" (printf "write autoscaling.enabled: false, or %s.annotations with kueue.x-k8s.io/elastic-job: %s"
              .path "\"true\" if Kueue has the feature gate ElasticJobsViaWorkloadSlices")) }}
    {{- end }}
    {{- if .ctx.Values.kuberay.suspend }}
      {{- include "common.problem" (dict
            "path" "kuberay.suspend"
            "wrong" (printf "%s is set, and Kueue suspends and resumes the RayCluster itself" $path)
            "write" "write false") }}
    {{- end }}
  {{- end }}
{{- end }}

{{- define "ray.checks.kueueGroups" }}
  {{- $queue := "kueue.x-k8s.io/queue-name" }}
  {{- if and (get .labels $queue) (gt (include "ray.groups" .ctx | fromJson | len) 7) }}
    {{- include "common.problem" (dict
          "path" .groups
          "wrong" (printf "%s.labels.%s is set, and Kueue admits at most 7 worker groups" .path $queue)
          "write" "write fewer groups") }}
  {{- end }}
{{- end }}
