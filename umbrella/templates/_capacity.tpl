{{- /*
Demand of the release, and the supply it must fit. A supply has a `source` (nodes, quota, pools).
  254carbon.demand        the largest total of the `field` (requests or limits) that the release can
                          reach, as JSON by resource: all servers at their maximum, the largest surge of
                          a rolling update, all Jobs, one test pod, and the entries of capacity.beside
                          that count against the `source`. A restore drill counts against the nodes.
                          `workloads` is the output of 254carbon.workloads
  254carbon.supplies      the supplies, as a JSON list of {field, source, path, amounts}: the nodes, each
                          key of the quota, the GPU pools, the GPU quota
  254carbon.formatAmount  an `amount` of a `resource` for people: cores, GiB, or a number
*/}}
{{- define "254carbon.demand" }}
  {{- include "common.need" (list "254carbon.demand" . "ctx" "workloads" "field" "source") }}
  {{- $demand := dict }}
  {{- /* Added once: the largest surge of each kind of workload, one test pod, other consumers. */}}
  {{- $once := dict "server" dict "job" dict "test" dict }}
  {{- range $workload := .workloads }}
    {{- range $name, $amount := merge (dict "pods" 1000) (get . $.field) }}
      {{- $all := mul (int64 $amount) (eq $workload.kind "test" | ternary 0 (int64 $workload.pods)) }}
      {{- $_ := set $demand $name (add $all (get $demand $name | default 0)) }}
      {{- $extra := mul (int64 $amount) (eq $workload.kind "test" | ternary 1 (int64 $workload.surge)) }}
      {{- $_ := set (get $once $workload.kind) $name (max $extra (get (get $once $workload.kind) $name | default 0)) }}
    {{- end }}
  {{- end }}
  {{- range $name, $_ := .ctx.Values.capacity.beside }}
    {{- if has $.source .counts }}
      {{- $_ := set $once $name (include "254carbon.amounts" (dict "resources" . "field" $.field) | fromJson) }}
    {{- end }}
  {{- end }}
  {{- with get .ctx.Subcharts "backup" }}
    {{- if and .Values.drill.enabled (eq $.source "nodes") }}
      {{- $drill := include "254carbon.amounts" (dict "resources" .Values.drill.quota "field" $.field) | fromJson }}
      {{- $_ := set $once "drill" $drill }}
    {{- end }}
  {{- end }}
  {{- range $once }}
    {{- range $name, $amount := . }}
      {{- $_ := set $demand $name (add (int64 $amount) (get $demand $name | default 0)) }}
    {{- end }}
  {{- end }}
  {{- $demand | toJson }}
{{- end }}

{{- define "254carbon.supplies" }}
  {{- $requests := dict "field" "requests" }}
  {{- $nodes := dict }}
  {{- range .Values.capacity.nodes }}
    {{- $node := dict "resources" (dict "requests" .) }}
    {{- range $name, $amount := include "254carbon.amounts" (merge $node $requests) | fromJson }}
      {{- $_ := set $nodes $name (add (int64 $amount) (get $nodes $name | default 0)) }}
    {{- end }}
  {{- end }}
  {{- $supplies := list (dict "field" "requests" "source" "nodes" "path" "capacity.nodes" "amounts" $nodes) }}
  {{- if .Values.quota.enabled }}
    {{- range $key, $quantity := .Values.quota.hard }}
      {{- $name := regexReplaceAll "^(requests|limits)[.]" $key "" }}
      {{- $hard := dict "resources" (dict "requests" (dict $name $quantity)) }}
      {{- $supplies = append $supplies (dict
            "field" (hasPrefix "limits." $key | ternary "limits" "requests")
            "source" "quota"
            "path" (printf "quota.hard.%s" $key)
            "amounts" (include "254carbon.amounts" (merge $hard $requests) | fromJson)) }}
    {{- end }}
  {{- end }}
  {{- $gpus := dict "nvidia.com/gpu" 0 "nvidia.com/gpu.shared" 0 }}
  {{- range $pool, $settings := .Values.global.gpuPools }}
    {{- $resource := include "common.gpuPool.resource" (dict "ctx" $ "pool" $pool) }}
    {{- $replicas := ($settings.sharing | default dict).replicas | default 1 }}
    {{- $shares := eq $resource "nvidia.com/gpu" | ternary 1 $replicas }}
    {{- $_ := set $gpus $resource (add (mul $settings.count $shares 1000) (get $gpus $resource | default 0)) }}
  {{- end }}
  {{- $supplies = append $supplies (merge (dict "source" "pools" "path" "global.gpuPools" "amounts" $gpus) $requests) }}
  {{- with get .Subcharts "gpu-pool" }}
    {{- if .Values.quota.enabled }}
      {{- $allowed := dict }}
      {{- range $name, $amount := $gpus }}
        {{- $percent := (index $.Subcharts "gpu-pool").Values.quota.percent }}
        {{- $_ := set $allowed $name (div (mul $amount $percent) 100) }}
      {{- end }}
      {{- $quota := dict "source" "quota" "path" "gpu-pool.quota.percent" "amounts" $allowed }}
      {{- $supplies = append $supplies (merge $quota $requests) }}
    {{- end }}
  {{- end }}
  {{- $supplies | toJson }}
{{- end }}

{{- define "254carbon.formatAmount" }}
  {{- $memory := regexMatch "memory|storage|hugepages" .resource }}
  {{- $number := round (divf .amount ($memory | ternary 1073741824 1000)) 2 }}
  {{- printf "%v" $number }}
{{- end }}
