{{- /*
Options of `ray start`, the same in both modes.
  ray.cpus         number of CPUs that a node offers to tasks: rayResources.CPU, or else
                   rayStartParams.num-cpus, or else the CPU limit (without one, the request) rounded up
  ray.resources    resources that a node offers to tasks, as JSON: CPU, GPU, memory (the limit minus the
                   object store, in bytes), and the custom ones of rayResources
  ray.startParams  options with their values, as JSON
  ray.startArgs    options as a YAML list of arguments
*/}}
{{- define "ray.cpus" }}
  {{- include "common.need" (list "ray.cpus" . "node") }}
  {{- $amounts := merge (dict) (.node.resources.limits | default dict) (.node.resources.requests | default dict) }}
  {{- $limit := toString ($amounts.cpu | default 1) }}
  {{- $cores := ternary (divf (trimSuffix "m" $limit) 1000) $limit (hasSuffix "m" $limit) }}
  {{- $rounded := ceil $cores | int | toString }}
  {{- .node.rayResources.CPU | default (index .node.rayStartParams "num-cpus") | default $rounded }}
{{- end }}

{{- define "ray.resources" }}
  {{- include "common.need" (list "ray.resources" . "node") }}
  {{- $limit := include "common.bytes" (dict "quantity" .node.resources.limits.memory) }}
  {{- $store := include "common.bytes" (dict "quantity" .node.sharedMemory) }}
  {{- $offered := dict "CPU" (include "ray.cpus" .) "memory" (sub $limit $store | toString) }}
  {{- with .node.gpu }}
    {{- if .pool }}
      {{- $_ := set $offered "GPU" (toString .count) }}
    {{- end }}
  {{- end }}
  {{- mergeOverwrite $offered .node.rayResources | toJson }}
{{- end }}

{{- define "ray.startParams" }}
  {{- include "common.need" (list "ray.startParams" . "ctx" "node" "role") }}
  {{- $params := dict }}
  {{- range include "common.rayPorts" . | fromYamlArray }}
    {{- if and .option (or (eq .node "every") (eq $.role "head")) }}
      {{- $_ := set $params .option (toString .port) }}
    {{- end }}
  {{- end }}
  {{- with .ctx.Values.global.ray.ports.workers }}
    {{- $params = merge $params (dict "min-worker-port" (toString .first) "max-worker-port" (toString .last)) }}
  {{- end }}
  {{- if eq .role "head" }}
    {{- $_ := set $params "dashboard-host" "0.0.0.0" }}
  {{- end }}
  {{- /* An object store larger than /dev/shm makes Ray fall back to slow files on disk. */}}
  {{- $store := include "common.bytes" (dict "quantity" .node.sharedMemory) }}
  {{- $_ := set $params "object-store-memory" (div (mul $store 9) 10 | toString) }}
  {{- $offered := include "ray.resources" . | fromJson }}
  {{- range $name, $option := dict "CPU" "num-cpus" "GPU" "num-gpus" "memory" "memory" }}
    {{- with get $offered $name }}
      {{- $_ := set $params $option . }}
    {{- end }}
  {{- end }}
  {{- with omit $offered "CPU" "GPU" "memory" }}
    {{- $custom := dict }}
    {{- range $name, $amount := . }}
      {{- $_ := set $custom $name (float64 $amount) }}
    {{- end }}
    {{- $_ := set $params "resources" (toJson $custom) }}
  {{- end }}
  {{- mergeOverwrite $params .node.rayStartParams | toJson }}
{{- end }}

{{- define "ray.startArgs" }}
  {{- $args := list }}
  {{- range $option, $value := include "ray.startParams" . | fromJson }}
    {{- /* Like KubeRay: true and false switch an option on and off, but are values of these two options. */}}
    {{- $valued := has $option (list "include-dashboard" "log-color") }}
    {{- if or $valued (not (has (lower $value) (list "true" "false"))) }}
      {{- $args = append $args (printf "--%s=%s" $option $value) }}
    {{- else if eq (lower $value) "true" }}
      {{- $args = append $args (print "--" $option) }}
    {{- end }}
  {{- end }}
  {{- with .node.rayLabels }}
    {{- $labels := list }}
    {{- range $key, $value := . }}
      {{- $labels = append $labels (printf "%s=%s" $key $value) }}
    {{- end }}
    {{- $args = append $args (printf "--labels=%s" (join "," $labels)) }}
  {{- end }}
  {{- toYaml $args }}
{{- end }}
