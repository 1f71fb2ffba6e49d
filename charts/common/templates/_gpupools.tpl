{{- /*
What a pod needs to run on the GPUs of a pool, from global.gpuPools; `pool` is the key of the pool.
*/}}

{{- /*
common.gpuPool.resource renders the name of the resource that a container requests to get GPUs of a
pool. A pool that shares its GPUs offers a resource of another name, so that a request for a whole
GPU never gets a share of a GPU. Takes `ctx` and `pool`, and fails if one is missing.
*/}}
{{- define "common.gpuPool.resource" }}
  {{- include "common.need" (list "common.gpuPool.resource" . "ctx" "pool") }}
  {{- $sharing := (index .ctx.Values.global.gpuPools .pool).sharing | default dict }}
  {{- eq ($sharing.mode | default "none") "none" | ternary "nvidia.com/gpu" "nvidia.com/gpu.shared" }}
{{- end }}

{{- /*
common.gpuPool.selector renders the labels of the pool's nodes, as YAML. Takes `ctx` and `pool`, and
fails if one is missing.
*/}}
{{- define "common.gpuPool.selector" }}
  {{- include "common.need" (list "common.gpuPool.selector" . "ctx" "pool") }}
  {{- toYaml (index .ctx.Values.global.gpuPools .pool).selector }}
{{- end }}

{{- /*
common.gpuPool.tolerations renders the tolerations of a pod as a YAML list: for the taint that keeps other
pods off GPU nodes, and for the pool's own taints. Takes `ctx` and `pool`, and fails if one is missing.
*/}}
{{- define "common.gpuPool.tolerations" }}
  {{- include "common.need" (list "common.gpuPool.tolerations" . "ctx" "pool") -}}
- key: nvidia.com/gpu
  operator: Exists
  effect: NoSchedule
  {{- with (index .ctx.Values.global.gpuPools .pool).tolerations }}
{{ toYaml . }}
  {{- end }}
{{- end }}
