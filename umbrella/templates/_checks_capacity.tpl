{{- /*
  254carbon.checks.capacity  the demand of all charts fits the nodes, the quota and the GPU pools
  254carbon.topConsumers     the largest consumers of a `resource`: for each, the value to lower, its pods
                             and their total
*/}}
{{- define "254carbon.checks.capacity" }}
  {{- $sources := dict "nodes" "the nodes have" "quota" "the quota allows" "pools" "the GPU pools have" }}
  {{- $units := dict "cpu" "cores" "memory" "GiB" }}
  {{- $exceeded := dict }}
  {{- range $supply := include "254carbon.supplies" .ctx | fromJsonArray }}
    {{- $demand := include "254carbon.demand" (merge (pick $supply "field" "source") $) | fromJson }}
    {{- range $name, $amount := .amounts }}
      {{- $needed := get $demand $name | default 0 | int64 }}
      {{- if gt $needed (int64 $amount) }}
        {{- $text := printf "%s can add up to %s %s, and %s %s"
              $supply.field
              (include "254carbon.formatAmount" (dict "resource" $name "amount" $needed))
              (get $units $name | default $name)
              (get $sources $supply.source)
              (include "254carbon.formatAmount" (dict "resource" $name "amount" $amount)) }}
        {{- $supplies := get $exceeded $name | default list }}
        {{- $_ := set $exceeded $name (append $supplies (merge (dict "text" $text) $supply)) }}
      {{- end }}
    {{- end }}
  {{- end }}
  {{- range $name, $supplies := $exceeded }}
    {{- $paths := list }}
    {{- $texts := list }}
    {{- range $supplies }}
      {{- $paths = append $paths .path }}
      {{- $texts = append $texts .text }}
    {{- end }}
    {{- $field := (first $supplies).field }}
    {{- $consumers := include "254carbon.topConsumers" (dict "workloads" $.workloads "field" $field "resource" $name) }}
    {{- include "common.problem" (dict
          "path" (join ", " $paths)
          "wrong" (join "; " $texts)
          "write" (printf "lower %s, or raise %s if the cluster has more %s" $consumers (join " and " $paths) $name)) }}
  {{- end }}
{{- end }}

{{- define "254carbon.topConsumers" }}
  {{- $ranked := list }}
  {{- range .workloads }}
    {{- $total := mul .pods (merge (dict "pods" 1000) (get . $.field) | dig $.resource 0 | int64) }}
    {{- if $total }}
      {{- $shown := include "254carbon.formatAmount" (dict "resource" $.resource "amount" $total) }}
      {{- $ranked = append $ranked (printf "%020d %s (%v pods, %s)" $total .lower .pods $shown) }}
    {{- end }}
  {{- end }}
  {{- $consumers := list }}
  {{- range sortAlpha $ranked | reverse }}
    {{- $consumers = append $consumers (regexReplaceAll "^[0-9]+ " . "") }}
  {{- end }}
  {{- join ", " (slice $consumers 0 (min 3 (len $consumers))) }}{{ if gt (len $consumers) 3 }} …{{ end }}
{{- end }}
