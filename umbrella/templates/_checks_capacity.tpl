{{- /*
  254carbon.checks.capacity  what all charts may need at once, against nodes, quota and GPU pools
  254carbon.takers           who takes most of a `resource`: the values to lower, with pods and amounts
*/}}
{{- define "254carbon.checks.capacity" }}
  {{- $units := dict "cpu" " cores" "memory" " GiB" }}
  {{- $over := dict }}
  {{- range $there := include "254carbon.available" .ctx | fromJsonArray }}
    {{- $needed := include "254carbon.needed" (merge (pick $there "side" "of") $) | fromJson }}
    {{- range $name, $amount := .amounts }}
      {{- $most := get $needed $name | default 0 | int64 }}
      {{- if gt $most (int64 $amount) }}
        {{- $said := get $over $name | default list }}
        {{- $unit := empty $said | ternary (get $units $name | default (printf " %s" $name)) "" }}
        {{- $text := printf "%s %s%s of %s%s" $there.side (include "254carbon.shown" (dict "resource" $name "amount" $most)) $unit (eq $there.of "quota" | ternary "quota " "") (include "254carbon.shown" (dict "resource" $name "amount" $amount)) }}
        {{- $_ := set $over $name (append $said (merge (dict "text" $text) $there)) }}
      {{- end }}
    {{- end }}
  {{- end }}
  {{- range $name, $said := $over }}
    {{- $paths := list }}
    {{- $texts := list }}
    {{- range $said }}
      {{- $paths = append $paths .path }}
      {{- $texts = append $texts .text }}
    {{- end }}
    {{- $takers := include "254carbon.takers" (dict "workloads" $.workloads "side" (first $said).side "resource" $name) }}
    {{- include "common.problem" (dict
          "path" (join ", " $paths)
          "wrong" (printf "%s: lower %s" (join "; " $texts) $takers)
          "write" (printf "or raise %s if there is more" (join " and " $paths))) }}
  {{- end }}
{{- end }}

{{- define "254carbon.takers" }}
  {{- $ranked := list }}
  {{- range .workloads }}
    {{- $all := mul .pods (merge (dict "pods" 1000) (get . $.side) | dig $.resource 0 | int64) }}
    {{- if $all }}
      {{- $shown := include "254carbon.shown" (dict "resource" $.resource "amount" $all) }}
      {{- $ranked = append $ranked (printf "%020d %s (%v pods, %s)" $all .lower .pods $shown) }}
    {{- end }}
  {{- end }}
  {{- $names := list }}
  {{- range sortAlpha $ranked | reverse }}
    {{- $names = append $names (regexReplaceAll "^[0-9]+ " . "") }}
  {{- end }}
  {{- join ", " (slice $names 0 (min 3 (len $names))) }}{{ if gt (len $names) 3 }} …{{ end }}
{{- end }}
