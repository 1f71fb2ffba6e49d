{{- /*
Rules for one `pool`.
  gpu-pool.checks.labels   the selector uses node labels that are not deprecated and do not change with sharing
  gpu-pool.checks.sharing  sharing.mode and sharing.replicas agree
*/}}
{{- define "gpu-pool.checks.labels" }}
  {{- $path := printf "global.gpuPools.%s" .pool }}
  {{- $settings := get .ctx.Values.global.gpuPools .pool }}
  {{- $successors := dict "driver" "driver-version" "runtime" "runtime-version" "rev" "revision" }}
  {{- range $label, $value := $settings.selector }}
    {{- with regexFind "^nvidia[.]com/cuda[.](driver|runtime)[.](major|minor|rev)$" $label }}
      {{- $words := splitList "." (trimPrefix "nvidia.com/cuda." .) }}
      {{- $subject := get $successors (first $words) }}
      {{- $field := get $successors (last $words) | default (last $words) }}
      {{- include "common.problem" (dict
            "path" (printf "%s.selector" $path)
            "wrong" (printf "the node label %s is deprecated, and newer GPU operators may not set it" .)
            "write" (printf "write nvidia.com/cuda.%s.%s" $subject $field)) }}
    {{- end }}
    {{- $shared := ne (include "gpu-pool.sharesPerGpu" $) "1" }}
    {{- if and $shared (eq $label "nvidia.com/gpu.product") (not (hasSuffix "-SHARED" $value)) }}
      {{- include "common.problem" (dict
            "path" (printf "%s.selector" $path)
            "wrong" (printf "the node label nvidia.com/gpu.product becomes %s-SHARED once GPUs are shared" $value)
            "write" "write nvidia.com/gpu.family instead") }}
    {{- end }}
  {{- end }}
{{- end }}

{{- define "gpu-pool.checks.sharing" }}
  {{- $path := printf "global.gpuPools.%s" .pool }}
  {{- $settings := get .ctx.Values.global.gpuPools .pool }}
  {{- $sharing := $settings.sharing | default (dict "mode" "none") }}
  {{- if and (ne $sharing.mode "none") (not $sharing.replicas) }}
    {{- include "common.problem" (dict
          "path" (printf "%s.sharing.replicas" $path)
          "wrong" (printf "sharing.mode %s needs the number of pods that share a GPU" $sharing.mode)
          "write" "write at least 2, or sharing.mode: none") }}
  {{- else if and (eq $sharing.mode "none") $sharing.replicas }}
    {{- include "common.problem" (dict
          "path" (printf "%s.sharing.replicas" $path)
          "wrong" "sharing.mode is none, which ignores sharing.replicas"
          "write" "remove the key, or write sharing.mode: timeSlicing") }}
  {{- end }}
  {{- if and (eq $sharing.mode "mps") (gt (int $sharing.replicas) 48) }}
    {{- include "common.problem" (dict
          "path" (printf "%s.sharing.replicas" $path)
          "wrong" (printf "%v is more than 48, the maximum number of MPS clients per GPU" $sharing.replicas)
          "write" "write at most 48") }}
  {{- end }}
{{- end }}
