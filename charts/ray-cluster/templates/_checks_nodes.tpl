{{- /*
  ray.checks.ports  the list of ports
  ray.checks.node   a head or a worker group: `path` in the values, `node` its values
  ray.checks.fit    its options, and its processes against the ports
  ray.checks.image  Ray in the image and rayVersion; CUDA in the image and the pool's GPUs
  ray.checks.gpu    the pool
  ray.checks.group  a worker group
*/}}
{{- define "ray.checks.ports" }}
  {{- $workers := .Values.global.ray.ports.workers }}
  {{- $taken := dict }}
  {{- $all := include "common.rayPorts" (dict "ctx" $) | fromYamlArray }}
  {{- range $all }}
    {{- $port := . }}
    {{- with get $taken (toString .port) }}
      {{- include "common.problem" (dict
            "path" "global.ray.ports"
            "wrong" (printf "%v is the port of both %s and %s" $port.port . $port.name)
            "write" "give each a port of its own") }}
    {{- end }}
    {{- $_ := set $taken (toString .port) .name }}
  {{- end }}
  {{- if gt (int $workers.first) (int $workers.last) }}
    {{- include "common.problem" (dict
          "path" "global.ray.ports.workers.first"
          "wrong" (printf "%v is above last (%v)" $workers.first $workers.last)
          "write" "write the lowest port as first") }}
  {{- else if gt (len $all) 100 }}
    {{- include "common.problem" (dict
          "path" "global.ray.ports.workers"
          "wrong" (printf "with these workers the nodes have %d ports, and an EndpointSlice holds 100" (len $all))
          "write" (printf "write a last of at most %d" (sub $workers.last (sub (len $all) 100)))) }}
  {{- end }}
{{- end }}

{{- define "ray.checks.node" }}
  {{- $limited := true }}
  {{- range $what := list "cpu" "memory" }}
    {{- if not (dig "resources" "limits" $what "" $.node) }}
      {{- $limited = false }}
      {{- include "common.problem" (dict
            "path" (printf "%s.resources.limits.%s" $.path $what)
            "wrong" "what a node offers to tasks, and the autoscaler's sums, come from it"
            "write" "write a limit") }}
    {{- end }}
  {{- end }}
  {{- if $limited }}
    {{- include "ray.checks.fit" . }}
  {{- end }}
  {{- $autoscaling := .ctx.Values.autoscaling }}
  {{- if and $autoscaling.enabled (eq $autoscaling.version "v2") .node.restartPolicy (ne .node.restartPolicy "Never") }}
    {{- include "common.problem" (dict
          "path" (printf "%s.restartPolicy" .path)
          "wrong" (printf "the autoscaler v2 makes pods anew itself and can't have %s" .node.restartPolicy)
          "write" "write Never or nothing, or autoscaling.version: v1") }}
  {{- end }}
  {{- include "ray.checks.image" . }}
  {{- include "ray.checks.traces" (dict "ctx" .ctx "path" (printf "%s.extraEnv" .path) "env" .node.extraEnv) }}
{{- end }}

{{- define "ray.checks.fit" }}
  {{- $ports := .ctx.Values.global.ray.ports.workers }}
  {{- $range := sub (add1 $ports.last) $ports.first | int }}
  {{- $cpus := include "ray.cpus" . | float64 }}
  {{- if and (gt $range 0) (gt (mulf 2 $cpus) (float64 $range)) }}
    {{- include "common.problem" (dict
          "path" "global.ray.ports.workers"
          "wrong" (printf "%s has %v CPUs, whose worker processes need up to twice as many ports, and there are %d" .path $cpus $range)
          "write" "write a higher last, or smaller nodes") }}
  {{- end }}
  {{- range $option, $resource := dict "num-cpus" "CPU" "num-gpus" "GPU" "memory" "memory" "resources" "the others" }}
    {{- if and (hasKey $.node.rayStartParams $option) (hasKey $.node.rayResources $resource | or (and (eq $option "resources") $.node.rayResources)) }}
      {{- include "common.problem" (dict
            "path" (printf "%s.rayStartParams.%s" $.path $option)
            "wrong" (printf "%s.rayResources says it too" $.path)
            "write" "leave one of them out") }}
    {{- end }}
  {{- end }}
  {{- range $option := keys .node.rayStartParams | sortAlpha }}
    {{- if or (has $option (list "labels" "head" "block" "address")) (hasSuffix "-port" $option) (eq $option "port") }}
      {{- include "common.problem" (dict
            "path" (printf "%s.rayStartParams.%s" $.path $option)
            "wrong" "the chart sets it itself"
            "write" (eq $option "labels" | ternary "write rayLabels" "leave it out; ports are in global.ray.ports")) }}
    {{- end }}
  {{- end }}
{{- end }}

{{- define "ray.checks.image" }}
  {{- $image := include "ray.image" . | fromJson }}
  {{- $version := .ctx.Values.rayVersion }}
  {{- $tagged := regexFind "^[0-9]+[.][0-9]+[.][0-9]+" ($image.tag | default "") }}
  {{- if and $version $tagged (ne $tagged $version) (not $image.digest) }}
    {{- include "common.problem" (dict
          "path" (printf "%s.image.tag" .path)
          "wrong" (printf "%s is Ray %s, and rayVersion is %s" $image.tag $tagged $version)
          "write" "write the same version in both; nodes of two versions don't join") }}
  {{- end }}
  {{- $pool := index .ctx.Values.global.gpuPools ((.node.gpu | default dict).pool | default "") | default dict }}
  {{- $kepler := eq "kepler" (get ($pool.selector | default dict) "nvidia.com/gpu.family" | default "") }}
  {{- if and $kepler (regexMatch "-(cu1[2-9][0-9]|gpu)" ($image.tag | default "")) }}
    {{- include "common.problem" (dict
          "path" (printf "%s.image.tag" .path)
          "wrong" (printf "CUDA in %s knows no Kepler GPUs, which end with CUDA 11.4" $image.tag)
          "write" "write an image of your own with CUDA 11.4 or older") }}
  {{- end }}
{{- end }}

{{- define "ray.checks.group" }}
  {{- include "ray.checks.gpu" . }}
  {{- if eq .name "head" }}
    {{- include "common.problem" (dict
          "path" .path
          "wrong" "the head is called so"
          "write" "write another name") }}
  {{- end }}
  {{- if not (regexMatch "^[a-z]([-a-z0-9]*[a-z0-9])?$" .name) }}
    {{- include "common.problem" (dict
          "path" .path
          "wrong" "pods are named after it"
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
    {{- if and .pool (not (hasKey $.ctx.Values.global.gpuPools .pool)) }}
      {{- include "common.problem" (dict
            "path" (printf "%s.gpu.pool" $.path)
            "wrong" (printf "there is no pool %s" .pool)
            "write" (printf "write one of global.gpuPools: %s" (keys $.ctx.Values.global.gpuPools | sortAlpha | join ", " | default "none yet"))) }}
    {{- else if .pool }}
      {{- $pool := index $.ctx.Values.global.gpuPools .pool }}
      {{- $scaled := $.ctx.Values.autoscaling.enabled | ternary $.node.maxReplicas $.node.replicas }}
      {{- $there := mul $pool.count (($pool.sharing | default dict).replicas | default 1) }}
      {{- if gt (mul $scaled $.node.numOfHosts .count) $there }}
        {{- include "common.problem" (dict
              "path" (printf "%s.gpu.count" $.path)
              "wrong" (printf "%d workers of %v GPUs are more than the %d that pool %s offers" (mul $scaled $.node.numOfHosts) .count $there .pool)
              "write" "write fewer") }}
      {{- end }}
    {{- end }}
  {{- end }}
{{- end }}
