{{- /*
A pool that shares its GPUs offers each GPU as sharing.replicas shares of the GPU.
  gpu-pool.sharesPerGpu  number of shares of one GPU of a `pool`; 1 without sharing
  gpu-pool.resources     sum of the GPUs, or of their shares, that all pools offer, as JSON by resource
  gpu-pool.quotaHard     `percent` of these sums, as JSON in the form of a ResourceQuota's `hard`
  gpu-pool.program       the vector addition for the family of a `pool`, as JSON: name (a key of
                         vectorAdd.programs), image, command
*/}}
{{- define "gpu-pool.sharesPerGpu" }}
  {{- include "common.need" (list "gpu-pool.sharesPerGpu" . "ctx" "pool") }}
  {{- $whole := eq (include "common.gpuPool.resource" .) "nvidia.com/gpu" }}
  {{- $sharing := (get .ctx.Values.global.gpuPools .pool).sharing | default dict }}
  {{- $whole | ternary 1 ($sharing.replicas | default 1) }}
{{- end }}

{{- define "gpu-pool.resources" }}
  {{- $offered := dict }}
  {{- range $pool, $settings := .Values.global.gpuPools }}
    {{- $resource := include "common.gpuPool.resource" (dict "ctx" $ "pool" $pool) }}
    {{- $shares := include "gpu-pool.sharesPerGpu" (dict "ctx" $ "pool" $pool) }}
    {{- $_ := set $offered $resource (add (mul $settings.count $shares) (get $offered $resource | default 0)) }}
  {{- end }}
  {{- $offered | toJson }}
{{- end }}

{{- define "gpu-pool.program" }}
  {{- include "common.need" (list "gpu-pool.program" . "ctx" "pool") }}
  {{- $family := include "common.gpuPool.family" . }}
  {{- with .ctx.Values.vectorAdd.programs }}
    {{- $name := hasKey . $family | ternary $family "others" }}
    {{- merge (dict "name" $name) (get . $name) | toJson }}
  {{- end }}
{{- end }}

{{- define "gpu-pool.quotaHard" }}
  {{- include "common.need" (list "gpu-pool.quotaHard" . "ctx" "percent") }}
  {{- $hard := dict }}
  {{- range $resource, $all := include "gpu-pool.resources" .ctx | fromJson }}
    {{- $_ := set $hard (print "requests." $resource) (div (mul (int64 $all) $.percent) 100 | toString) }}
  {{- end }}
  {{- $hard | toJson }}
{{- end }}
