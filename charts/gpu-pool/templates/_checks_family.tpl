{{- /*
  gpu-pool.checks.family  driver, sharing, metrics and CUDA image are supported by the GPU family of a `pool`
*/}}
{{- define "gpu-pool.checks.family" }}
  {{- $family := include "common.gpuPool.family" . }}
  {{- $operator := .ctx.Values.operator }}
  {{- $pool := .pool }}
  {{- $settings := get .ctx.Values.global.gpuPools $pool }}
  {{- with get (include "gpu-pool.families" . | fromYaml) $family }}
    {{- if gt (int (first (splitList "." $operator.driver.version))) (int .driver) }}
      {{- include "common.problem" (dict
            "path" "operator.driver.version"
            "wrong" (printf "%s is newer than %v, the last driver branch for the pool %s (%s): %s"
              $operator.driver.version .driver $pool $family .driverWhy)
            "write" (printf "write the version of a driver of branch %v, installed on the hosts" .driver)) }}
    {{- end }}
    {{- if ne $operator.driver.source .source }}
      {{- include "common.problem" (dict
            "path" "operator.driver.source"
            "wrong" (printf "the pool %s (%s) needs a driver that is installed on the host: %s"
              $pool $family .sourceWhy)
            "write" (printf "write %s, and driver.enabled: false in the values of the GPU operator" .source)) }}
    {{- end }}
    {{- if and (eq ($settings.sharing | default dict).mode "mps") (not .mps) }}
      {{- include "common.problem" (dict
            "path" (printf "global.gpuPools.%s.sharing.mode" $pool)
            "wrong" (printf "MPS is not usable on %s GPUs: %s" $family .mpsWhy)
            "write" "write timeSlicing") }}
    {{- end }}
    {{- if and $operator.profilingMetrics (not .profiling) }}
      {{- include "common.problem" (dict
            "path" "operator.profilingMetrics"
            "wrong" (printf "GPUs of the pool %s (%s) have no profiling metrics: %s" $pool $family .profilingWhy)
            "write" "write false; utilization, memory and temperature do not need profiling metrics") }}
    {{- end }}
  {{- end }}
  {{- $program := include "gpu-pool.program" . | fromJson }}
  {{- include "common.gpuPool.imageChecks" (dict
        "ctx" .ctx
        "pool" $pool
        "path" (printf "vectorAdd.programs.%s.image" $program.name)
        "image" $program.image) }}
{{- end }}
