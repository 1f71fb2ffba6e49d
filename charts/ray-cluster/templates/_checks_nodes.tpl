{{- /*
Rules for the values of a `node`, the head or a worker group, at `path`.
  ray.checks.node     limits, ports, options, restart policy, image and environment of a node
  ray.checks.options  rayStartParams has no option that the chart sets from other values
  ray.checks.group    name, replicas and GPUs of a worker group
  ray.checks.gpu      the GPU pool of a worker group exists and has enough GPUs
*/}}
{{- define "ray.checks.node" }}
  {{- $limited := true }}
  {{- range $resource := list "cpu" "memory" }}
    {{- if not (dig "resources" "limits" $resource "" $.node) }}
      {{- $limited = false }}
      {{- include "common.problem" (dict
            "path" (printf "%s.resources.limits.%s" $.path $resource)
            "wrong" (printf "the chart derives the %s that a Ray node offers to tasks from this limit" $resource)
            "write" "write a limit") }}
    {{- end }}
  {{- end }}
  {{- if $limited }}
    {{- include "ray.checks.workerPorts" . }}
    {{- include "ray.checks.options" . }}
  {{- end }}
  {{- $autoscaling := .ctx.Values.autoscaling }}
  {{- if and $autoscaling.enabled (eq $autoscaling.version "v2") .node.restartPolicy (ne .node.restartPolicy "Never") }}
    {{- include "common.problem" (dict
          "path" (printf "%s.restartPolicy" .path)
          "wrong" (printf "the autoscaler v2 recreates failed pods itself, which %s prevents" .node.restartPolicy)
          "write" "write Never or leave it empty, or write autoscaling.version: v1") }}
  {{- else if and (eq .ctx.Values.mode "standalone") (ne (.node.restartPolicy | default "Always") "Always") }}
    {{- include "common.problem" (dict
          "path" (printf "%s.restartPolicy" .path)
          "wrong" (printf "Kubernetes refuses %s for the Deployments of mode standalone" .node.restartPolicy)
          "write" "write Always or leave it empty, or write mode: kuberay") }}
  {{- end }}
  {{- include "ray.checks.image" . }}
  {{- include "ray.checks.architecture" (merge (dict "path" (printf "%s." .path)) .) }}
  {{- include "ray.checks.containers" . }}
  {{- include "ray.checks.traces" (dict "ctx" .ctx "path" (printf "%s.extraEnv" .path) "env" .node.extraEnv) }}
{{- end }}

{{- define "ray.checks.options" }}
  {{- range $option, $resource := dict "num-cpus" "CPU" "num-gpus" "GPU" "memory" "memory" "resources" "" }}
    {{- $custom := and (eq $option "resources") $.node.rayResources }}
    {{- if and (hasKey $.node.rayStartParams $option) (or $custom (hasKey $.node.rayResources $resource)) }}
      {{- include "common.problem" (dict
            "path" (printf "%s.rayStartParams.%s" $.path $option)
            "wrong" (printf "%s.rayResources sets the same resource" $.path)
            "write" (printf "leave out either %s or the entry of rayResources" $option)) }}
    {{- end }}
  {{- end }}
  {{- range $option := keys .node.rayStartParams | sortAlpha }}
    {{- if or (has $option (list "labels" "head" "block" "address")) (hasSuffix "-port" $option) (eq $option "port") }}
      {{- include "common.problem" (dict
            "path" (printf "%s.rayStartParams.%s" $.path $option)
            "wrong" "the chart sets this option of `ray start` itself"
            "write" (eq $option "labels" | ternary "write rayLabels"
              "remove the option; ports are in global.ray.ports")) }}
    {{- end }}
  {{- end }}
{{- end }}

{{- define "ray.checks.group" }}
  {{- include "ray.checks.gpu" . }}
  {{- if eq .name "head" }}
    {{- include "common.problem" (dict
          "path" .path
          "wrong" "the name head is reserved for the head node"
          "write" "write another name") }}
  {{- end }}
  {{- if not (regexMatch "^[a-z]([-a-z0-9]*[a-z0-9])?$" .name) }}
    {{- include "common.problem" (dict
          "path" .path
          "wrong" "the name of the worker group is used in names of pods"
          "write" "write a name of lower-case letters, digits and dashes that begins with a letter") }}
  {{- end }}
  {{- if .ctx.Values.autoscaling.enabled }}
    {{- include "common.ascendingChecks" (dict
          "path" .path
          "values" .node
          "keys" (list "minReplicas" "replicas" "maxReplicas")) }}
  {{- end }}
{{- end }}

{{- define "ray.checks.gpu" }}
  {{- with .node.gpu }}
    {{- $pools := keys $.ctx.Values.global.gpuPools | sortAlpha }}
    {{- if and .pool (not (has .pool $pools)) }}
      {{- include "common.problem" (dict
            "path" (printf "%s.gpu.pool" $.path)
            "wrong" (printf "global.gpuPools has no pool %s" .pool)
            "write" (printf "write one of the pools: %s" ($pools | join ", " | default "none defined"))) }}
    {{- else if .pool }}
      {{- $pool := index $.ctx.Values.global.gpuPools .pool }}
      {{- $replicas := $.ctx.Values.autoscaling.enabled | ternary $.node.maxReplicas $.node.replicas }}
      {{- $workers := mul $replicas $.node.numOfHosts }}
      {{- $offered := mul $pool.count (($pool.sharing | default dict).replicas | default 1) }}
      {{- if gt (mul $workers .count) $offered }}
        {{- include "common.problem" (dict
              "path" (printf "%s.gpu.count" $.path)
              "wrong" (printf "%d workers with %v GPUs each need %d GPUs, and the pool %s offers %d"
                $workers .count (mul $workers .count) .pool $offered)
              "write" "write fewer GPUs for each worker, or fewer workers") }}
      {{- end }}
    {{- end }}
  {{- end }}
{{- end }}
