{{- /*
Rules for the values of a worker group, a `node` at `path`.
  ray.checks.groups   all rules of the worker groups below `path`
  ray.checks.group    name, replicas and GPUs of a worker group
  ray.checks.gpu      the GPU pool of a worker group exists and has enough GPUs
*/}}
{{- define "ray.checks.groups" }}
  {{- range $name, $group := include "ray.groups" .ctx | fromJson }}
    {{- $me := dict "ctx" $.ctx "path" (printf "%s.%s" $.path $name) "node" $group "name" $name }}
    {{- include "ray.checks.node" $me }}
    {{- include "ray.checks.group" $me }}
    {{- if eq $.ctx.Values.mode "kuberay" }}
      {{- include "ray.checks.autoscaling" $me }}
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
          "wrong" "the name of the worker group is used in names of pods, for which it is invalid"
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
            "write" (printf "add the pool to global.gpuPools, or write one of its pools: %s"
              ($pools | join ", " | default "none defined"))) }}
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
