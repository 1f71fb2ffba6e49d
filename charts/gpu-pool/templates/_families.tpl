{{- /*
GPU families that current NVIDIA software no longer supports, by the value of the node label
nvidia.com/gpu.family. Families that are not listed have no restrictions.
  gpu-pool.families  restrictions by family, as YAML: the newest driver branch, the newest CUDA version of an
                     image, the source of the driver, support of MPS and of profiling metrics, each with the
                     reason
  gpu-pool.family    the family of a `pool`, from the labels of its selector; empty if unknown
*/}}
{{- define "gpu-pool.families" -}}
kepler:
  driver: 470
  driverWhy: newer drivers ignore these GPUs
  cuda: 11.4
  cudaWhy: newer images contain a libcuda that finds no GPU with driver 470, and CUDA 12 has no code for Kepler
  source: host
  sourceWhy: the GPU operator's driver images are of newer branches
  mps: false
  mpsWhy: before Volta all MPS clients share one address space, and memory limits do not exist
  profiling: false
  profilingWhy: the counters of DCGM_FI_PROF_* exist on Volta and newer GPUs only
{{- end }}

{{- define "gpu-pool.family" }}
  {{- include "common.need" (list "gpu-pool.family" . "ctx" "pool") }}
  {{- $selector := (get .ctx.Values.global.gpuPools .pool).selector }}
  {{- $old := eq (get $selector "nvidia.com/gpu.compute.major" | default "") "3" | ternary "kepler" "" }}
  {{- if regexMatch "K[0-9]+" (get $selector "nvidia.com/gpu.product" | default "") }}
    {{- $old = "kepler" }}
  {{- end }}
  {{- get $selector "nvidia.com/gpu.family" | default $old }}
{{- end }}
