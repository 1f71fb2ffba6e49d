{{- /*
  254carbon.needed     the most that the release may need at once of what `side` (requests, limits)
                       counts, as JSON by resource: every server at its most, the largest surge of a
                       rolling update, the Jobs, one test, and of capacity.beside what counts for `of`
                       (nodes, quota); what a restore drill restores counts for the nodes. `workloads` are
                       the release's.
  254carbon.available  what there is, as a JSON list of {side, of, path, amounts}: the nodes, the quota,
                       the GPU pools
  254carbon.shown      an `amount` of a `resource` as people write it
*/}}
{{- define "254carbon.needed" }}
  {{- include "common.need" (list "254carbon.needed" . "ctx" "workloads" "side" "of") }}
  {{- $needed := dict }}
  {{- $once := dict "server" dict "job" dict "test" dict }}
  {{- range $load := .workloads }}
    {{- range $name, $amount := merge (dict "pods" 1000) (get . $.side) }}
      {{- $all := mul (int64 $amount) (eq $load.kind "test" | ternary 0 (int64 $load.pods)) }}
      {{- $_ := set $needed $name (add $all (get $needed $name | default 0)) }}
      {{- $extra := mul (int64 $amount) (eq $load.kind "test" | ternary 1 (int64 $load.surge)) }}
      {{- $_ := set (get $once $load.kind) $name (max $extra (get (get $once $load.kind) $name | default 0)) }}
    {{- end }}
  {{- end }}
  {{- range $name, $more := .ctx.Values.capacity.beside }}
    {{- if has $.of .counts }}
      {{- $_ := set $once $name (include "254carbon.amounts" (dict "resources" . "side" $.side) | fromJson) }}
    {{- end }}
  {{- end }}
  {{- with get .ctx.Subcharts "backup" }}
    {{- if and .Values.drill.enabled (eq $.of "nodes") }}
      {{- $_ := set $once "drill" (include "254carbon.amounts" (dict "resources" .Values.drill.quota "side" $.side) | fromJson) }}
    {{- end }}
  {{- end }}
  {{- range $once }}
    {{- range $name, $amount := . }}
      {{- $_ := set $needed $name (add (int64 $amount) (get $needed $name | default 0)) }}
    {{- end }}
  {{- end }}
  {{- $needed | toJson }}
{{- end }}

{{- define "254carbon.available" }}
  {{- $nodes := dict }}
  {{- range .Values.capacity.nodes }}
    {{- range $name, $amount := include "254carbon.amounts" (dict "resources" (dict "requests" .) "side" "requests") | fromJson }}
      {{- $_ := set $nodes $name (add (int64 $amount) (get $nodes $name | default 0)) }}
    {{- end }}
  {{- end }}
  {{- $there := list (dict "side" "requests" "of" "nodes" "path" "capacity.nodes" "amounts" $nodes) }}
  {{- if .Values.quota.enabled }}
    {{- range $key, $quantity := .Values.quota.hard }}
      {{- $name := regexReplaceAll "^(requests|limits)[.]" $key "" }}
      {{- $amounts := include "254carbon.amounts" (dict "resources" (dict "requests" (dict $name $quantity)) "side" "requests") | fromJson }}
      {{- $there = append $there (dict "side" (hasPrefix "limits." $key | ternary "limits" "requests") "of" "quota" "path" (printf "quota.hard.%s" $key) "amounts" $amounts) }}
    {{- end }}
  {{- end }}
  {{- $gpus := dict "nvidia.com/gpu" 0 "nvidia.com/gpu.shared" 0 }}
  {{- range $pool, $about := .Values.global.gpuPools }}
    {{- $resource := include "common.gpuPool.resource" (dict "ctx" $ "pool" $pool) }}
    {{- $slices := eq $resource "nvidia.com/gpu" | ternary 1 (($about.sharing | default dict).replicas | default 1) }}
    {{- $_ := set $gpus $resource (add (mul $about.count $slices 1000) (get $gpus $resource | default 0)) }}
  {{- end }}
  {{- $there = append $there (dict "side" "requests" "of" "pools" "path" "global.gpuPools" "amounts" $gpus) }}
  {{- with get .Subcharts "gpu-pool" }}
    {{- if .Values.quota.enabled }}
      {{- $shares := dict }}
      {{- range $name, $amount := $gpus }}
        {{- $_ := set $shares $name (div (mul $amount (index $.Subcharts "gpu-pool").Values.quota.percent) 100) }}
      {{- end }}
      {{- $there = append $there (dict "side" "requests" "of" "quota" "path" "gpu-pool.quota.percent" "amounts" $shares) }}
    {{- end }}
  {{- end }}
  {{- $there | toJson }}
{{- end }}

{{- define "254carbon.shown" }}
  {{- $memory := regexMatch "memory|storage|hugepages" .resource }}
  {{- $number := round (divf .amount ($memory | ternary 1073741824 1000)) 2 }}
  {{- printf "%v" $number }}
{{- end }}
