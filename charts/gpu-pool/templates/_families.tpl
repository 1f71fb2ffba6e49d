{{- /*
GPU families that current NVIDIA software no longer supports, by the value of the node label
nvidia.com/gpu.family. Families that are not listed have no restrictions.
  gpu-pool.families  restrictions by family, as YAML: the newest driver branch, the source of the driver, support
                     of MPS and of profiling metrics, each with the reason
*/}}
{{- define "gpu-pool.families" -}}
kepler:
  driver: 470
  driverWhy: newer drivers ignore these GPUs
  source: host
  sourceWhy: the GPU operator's driver images are of newer branches
  mps: false
  mpsWhy: before Volta all MPS clients share one address space, and memory limits do not exist
  profiling: false
  profilingWhy: the counters of DCGM_FI_PROF_* exist on Volta and newer GPUs only
{{- end }}
