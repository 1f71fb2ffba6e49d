{{- /*
What a pod needs to run on the GPUs of a pool, from global.gpuPools; `pool` is the key of the pool.
GPUs of the family kepler run with drivers up to branch 470, and so with CUDA 11 or older.
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

{{- /*
common.gpuPool.family renders the family of the pool's GPUs, as in the node label nvidia.com/gpu.family, or nothing if
no label of the pool's selector states the family: gpu.family, or gpu.compute.major or gpu.product of a Kepler GPU.
Takes `ctx` and `pool`, and fails if one is missing.
*/}}
{{- define "common.gpuPool.family" }}
  {{- include "common.need" (list "common.gpuPool.family" . "ctx" "pool") }}
  {{- $selector := (get .ctx.Values.global.gpuPools .pool).selector }}
  {{- $old := eq (get $selector "nvidia.com/gpu.compute.major" | default "") "3" | ternary "kepler" "" }}
  {{- if regexMatch "K[0-9]+" (get $selector "nvidia.com/gpu.product" | default "") }}
    {{- $old = "kepler" }}
  {{- end }}
  {{- get $selector "nvidia.com/gpu.family" | default $old }}
{{- end }}

{{- /*
common.gpuPool.imageChecks renders a problem if the tag of an `image` at `path` states CUDA 12 or newer and the GPUs
of the pool are of the family kepler. In Ray's tags, cu128 means CUDA 12.8, and gpu means the newest CUDA. Takes `ctx`,
`pool`, `path` and `image`, and fails if one is missing.
*/}}
{{- define "common.gpuPool.imageChecks" }}
  {{- include "common.need" (list "common.gpuPool.imageChecks" . "ctx" "pool" "path" "image") }}
  {{- $old := eq (include "common.gpuPool.family" .) "kepler" }}
  {{- if and $old (regexMatch "cu(da)?-?1[2-9]|-gpu$" (.image.tag | default "")) }}
    {{- include "common.problem" (dict
          "path" (printf "%s.tag" .path)
          "wrong" (printf "%s contains CUDA 12 or newer, which has no code for the kepler GPUs of the pool %s%s"
            .image.tag .pool " and does not run with their driver of branch 470")
          "write" "write an image with CUDA 11 or older") }}
  {{- end }}
{{- end }}
