{{- /*
  gpu-pool.checks.family  what the family of a `pool` can't do, and why
*/}}
{{- define "gpu-pool.checks.family" }}
  {{- $family := include "gpu-pool.family" . }}
  {{- $operator := .ctx.Values.operator }}
  {{- $pool := .pool }}
  {{- $about := get .ctx.Values.global.gpuPools $pool }}
  {{- with get (include "gpu-pool.families" . | fromYaml) $family }}
    {{- if gt (int (first (splitList "." $operator.driver.version))) (int .driver) }}
      {{- include "common.problem" (dict
            "path" "operator.driver.version"
            "wrong" (printf "%s is newer than %v, the last for the pool %s (%s): %s" $operator.driver.version .driver $pool $family .driverWhy)
            "write" (printf "write the version of the %v driver on the hosts" .driver)) }}
    {{- end }}
    {{- if ne $operator.driver.source .source }}
      {{- include "common.problem" (dict
            "path" "operator.driver.source"
            "wrong" (printf "the pool %s (%s) needs a driver that is installed on the host: %s" $pool $family .sourceWhy)
            "write" (printf "write %s, and driver.enabled: false for the operator" .source)) }}
    {{- end }}
    {{- if and (eq ($about.sharing | default dict).mode "mps") (not .mps) }}
      {{- include "common.problem" (dict
            "path" (printf "global.gpuPools.%s.sharing.mode" $pool)
            "wrong" (printf "%s GPUs have no usable MPS: %s" $family .mpsWhy)
            "write" "write timeSlicing") }}
    {{- end }}
    {{- if and $operator.profilingMetrics (not .profiling) }}
      {{- include "common.problem" (dict
            "path" "operator.profilingMetrics"
            "wrong" (printf "the pool %s (%s) has none: %s" $pool $family .profilingWhy)
            "write" "write false; utilization, memory and temperature are measured without") }}
    {{- end }}
    {{- $program := include "gpu-pool.program" $ | fromJson }}
    {{- $cuda := regexFind "cuda-?[0-9]+[.][0-9]+" $program.image.tag | replace "-" "" | trimPrefix "cuda" }}
    {{- if and $cuda (gt (float64 $cuda) (float64 .cuda)) }}
      {{- include "common.problem" (dict
            "path" (printf "vectorAdd.programs.%s.image.tag" $program.name)
            "wrong" (printf "%s is of CUDA %s, and the pool %s (%s) runs no newer one than %v: %s" $program.image.tag $cuda $pool $family .cuda .cudaWhy)
            "write" (printf "write an image of CUDA %v or older" .cuda)) }}
    {{- end }}
  {{- end }}
{{- end }}
