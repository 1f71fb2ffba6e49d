{{- /*
What a pod states to run on the GPUs of a pool, from global.gpuPools; `pool` is the pool's name.
  common.gpuPool.resource     the resource that a container asks for. A pool that shares its GPUs
                              offers them under another name, so that nobody gets a share who asked
                              for a whole GPU.
  common.gpuPool.selector     labels of its nodes
  common.gpuPool.tolerations  a YAML list: the taint that keeps other pods off GPU nodes, and the
                              pool's own
*/}}
{{- define "common.gpuPool.resource" }}
  {{- include "common.need" (list "common.gpuPool.resource" . "ctx" "pool") }}
  {{- $sharing := (index .ctx.Values.global.gpuPools .pool).sharing | default dict }}
  {{- eq ($sharing.mode | default "none") "none" | ternary "nvidia.com/gpu" "nvidia.com/gpu.shared" }}
{{- end }}

{{- define "common.gpuPool.selector" }}
  {{- include "common.need" (list "common.gpuPool.selector" . "ctx" "pool") }}
  {{- toYaml (index .ctx.Values.global.gpuPools .pool).selector }}
{{- end }}

{{- define "common.gpuPool.tolerations" }}
  {{- include "common.need" (list "common.gpuPool.tolerations" . "ctx" "pool") -}}
- key: nvidia.com/gpu
  operator: Exists
  effect: NoSchedule
  {{- with (index .ctx.Values.global.gpuPools .pool).tolerations }}
{{ toYaml . }}
  {{- end }}
{{- end }}
