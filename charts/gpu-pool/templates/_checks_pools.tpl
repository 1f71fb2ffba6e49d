{{- /*
Checks of one `pool`.
  gpu-pool.checks.labels   the labels that it selects nodes by
  gpu-pool.checks.sharing  how its GPUs are shared
*/}}
{{- define "gpu-pool.checks.labels" }}
  {{- $path := printf "global.gpuPools.%s" .pool }}
  {{- $about := get .ctx.Values.global.gpuPools .pool }}
  {{- $successors := dict "driver" "driver-version" "runtime" "runtime-version" "rev" "revision" }}
  {{- range $label, $value := $about.selector }}
    {{- with regexFind "^nvidia[.]com/cuda[.](driver|runtime)[.](major|minor|rev)$" $label }}
      {{- $parts := splitList "." (trimPrefix "nvidia.com/cuda." .) }}
      {{- $part := index $parts 1 }}
      {{- include "common.problem" (dict
            "path" (printf "%s.selector" $path)
            "wrong" (printf "the label %s is deprecated, and a node may lack it" .)
            "write" (printf "write nvidia.com/cuda.%s.%s" (get $successors (first $parts)) (get $successors $part | default $part))) }}
    {{- end }}
    {{- if and (eq $label "nvidia.com/gpu.product") (ne (include "gpu-pool.slices" $) "1") (not (hasSuffix "-SHARED" $value)) }}
      {{- include "common.problem" (dict
            "path" (printf "%s.selector" $path)
            "wrong" (printf "the label nvidia.com/gpu.product becomes %s-SHARED once the GPUs are shared" $value)
            "write" "select by nvidia.com/gpu.family instead") }}
    {{- end }}
  {{- end }}
{{- end }}

{{- define "gpu-pool.checks.sharing" }}
  {{- $path := printf "global.gpuPools.%s" .pool }}
  {{- $about := get .ctx.Values.global.gpuPools .pool }}
  {{- $sharing := $about.sharing | default (dict "mode" "none") }}
  {{- if and (ne $sharing.mode "none") (not $sharing.replicas) }}
    {{- include "common.problem" (dict
          "path" (printf "%s.sharing.replicas" $path)
          "wrong" (printf "%s needs to know how many pods share a GPU" $sharing.mode)
          "write" "write at least 2, or sharing.mode: none") }}
  {{- else if and (eq $sharing.mode "none") $sharing.replicas }}
    {{- include "common.problem" (dict
          "path" (printf "%s.sharing.replicas" $path)
          "wrong" "it is without effect, since sharing.mode is none"
          "write" "leave it out, or write sharing.mode: timeSlicing") }}
  {{- end }}
  {{- if and (eq $sharing.mode "mps") (gt (int $sharing.replicas) 48) }}
    {{- include "common.problem" (dict
          "path" (printf "%s.sharing.replicas" $path)
          "wrong" (printf "MPS has at most 48 clients a GPU, and this is %v" $sharing.replicas)
          "write" "write at most 48") }}
  {{- end }}
{{- end }}
