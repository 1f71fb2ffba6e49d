{{- /*
  ray.checks.ports        global.ray.ports has no duplicates, and no more ports than an EndpointSlice holds
  ray.checks.workerPorts  the range of worker ports suffices for the CPUs of a `node` at `path`
*/}}
{{- define "ray.checks.ports" }}
  {{- $workers := .Values.global.ray.ports.workers }}
  {{- $used := dict }}
  {{- $all := include "common.rayPorts" (dict "ctx" $) | fromYamlArray }}
  {{- range $all }}
    {{- $port := . }}
    {{- with get $used (toString .port) }}
      {{- include "common.problem" (dict
            "path" "global.ray.ports"
            "wrong" (printf "%s and %s have the same port %v" . $port.name $port.port)
            "write" "write a different port for each") }}
    {{- end }}
    {{- $_ := set $used (toString .port) .name }}
  {{- end }}
  {{- if gt (int $workers.first) (int $workers.last) }}
    {{- include "common.problem" (dict
          "path" "global.ray.ports.workers.first"
          "wrong" (printf "%v is above global.ray.ports.workers.last (%v)" $workers.first $workers.last)
          "write" "write the lowest port of the range as first") }}
  {{- else if gt (len $all) 100 }}
    {{- include "common.problem" (dict
          "path" "global.ray.ports.workers"
          "wrong" (printf "with this range every Ray node has %d ports, and an EndpointSlice holds 100" (len $all))
          "write" (printf "write at most %d as last" (sub $workers.last (sub (len $all) 100)))) }}
  {{- end }}
{{- end }}

{{- define "ray.checks.workerPorts" }}
  {{- $ports := .ctx.Values.global.ray.ports.workers }}
  {{- $range := sub (add1 $ports.last) $ports.first | int }}
  {{- $cpus := include "ray.cpus" . | float64 }}
  {{- if and (gt $range 0) (gt (mulf 2 $cpus) (float64 $range)) }}
    {{- include "common.problem" (dict
          "path" "global.ray.ports.workers"
          "wrong" (printf "%s offers %v CPUs, and worker processes use up to 2 ports per CPU; the range has %d ports"
            .path $cpus $range)
          "write" "write a higher last, or nodes with fewer CPUs") }}
  {{- end }}
{{- end }}
