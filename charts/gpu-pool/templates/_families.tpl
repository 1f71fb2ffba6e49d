{{- /*
What old GPUs can't do, by the family that feature discovery calls them. Those that are not here are
what NVIDIA supports today.
  gpu-pool.families  the facts, as YAML: newest branch of the driver, newest CUDA of an image, who can
                     install the driver, whether MPS and the profiling metrics exist, and why not
  gpu-pool.family    the family of a `pool`, by its selector; empty if that doesn't tell
*/}}
{{- define "gpu-pool.families" -}}
kepler:
  driver: 470
  driverWhy: newer drivers ignore these GPUs
  cuda: 11.4
  cudaWhy: newer images bring a libcuda that finds no device under that driver, and CUDA 12 has no code for them
  source: host
  sourceWhy: the operator's driver images are of newer branches
  mps: false
  mpsWhy: before Volta its clients share one address space, without any limit of memory
  profiling: false
  profilingWhy: the counters behind DCGM_FI_PROF_* came with Volta
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
