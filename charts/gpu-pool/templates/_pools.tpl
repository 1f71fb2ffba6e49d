{{- /*
  gpu-pool.slices     as how many one GPU of a `pool` is offered
  gpu-pool.resources  what the pools offer altogether, by resource, as JSON
  gpu-pool.shares     a share in `percent` of that, as a quota has it, as JSON
  gpu-pool.program    the vector addition for a `pool`, as JSON: its name among vectorAdd.programs, image,
                      command
*/}}
{{- define "gpu-pool.slices" }}
  {{- include "common.need" (list "gpu-pool.slices" . "ctx" "pool") }}
  {{- $whole := eq (include "common.gpuPool.resource" .) "nvidia.com/gpu" }}
  {{- $sharing := (get .ctx.Values.global.gpuPools .pool).sharing | default dict }}
  {{- $whole | ternary 1 ($sharing.replicas | default 1) }}
{{- end }}

{{- define "gpu-pool.resources" }}
  {{- $offered := dict }}
  {{- range $pool, $about := .Values.global.gpuPools }}
    {{- $resource := include "common.gpuPool.resource" (dict "ctx" $ "pool" $pool) }}
    {{- $slices := include "gpu-pool.slices" (dict "ctx" $ "pool" $pool) }}
    {{- $_ := set $offered $resource (add (mul $about.count $slices) (get $offered $resource | default 0)) }}
  {{- end }}
  {{- $offered | toJson }}
{{- end }}

{{- define "gpu-pool.program" }}
  {{- include "common.need" (list "gpu-pool.program" . "ctx" "pool") }}
  {{- $family := include "gpu-pool.family" . }}
  {{- with .ctx.Values.vectorAdd.programs }}
    {{- $name := hasKey . $family | ternary $family "others" }}
    {{- merge (dict "name" $name) (get . $name) | toJson }}
  {{- end }}
{{- end }}

{{- define "gpu-pool.shares" }}
  {{- include "common.need" (list "gpu-pool.shares" . "ctx" "percent") }}
  {{- $hard := dict }}
  {{- range $resource, $all := include "gpu-pool.resources" .ctx | fromJson }}
    {{- $_ := set $hard (print "requests." $resource) (div (mul (int64 $all) $.percent) 100 | toString) }}
  {{- end }}
  {{- $hard | toJson }}
{{- end }}
