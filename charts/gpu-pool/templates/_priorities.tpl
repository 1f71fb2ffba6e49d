{{- /*
  gpu-pool.priorityClasses  the keys of `priorities` that are priority classes, from the highest to the lowest, with
                            spaces between them
  gpu-pool.priorityClass    name of the PriorityClass of a `class`. The API server allows no change of `value` and
                            `preemptionPolicy`, so the name contains both: other values are another PriorityClass
*/}}
{{- define "gpu-pool.priorityClasses" }}
  {{- "critical serving training batch" }}
{{- end }}

{{- define "gpu-pool.priorityClass" }}
  {{- include "common.need" (list "gpu-pool.priorityClass" . "ctx" "class") }}
  {{- $settings := get .ctx.Values.priorities .class }}
  {{- $name := printf "%s-%d" .class (int64 $settings.value) }}
  {{- $name = $settings.preempts | ternary (print $name "-preempting") $name }}
  {{- include "common.prefixedName" (dict "ctx" .ctx "name" $name) }}
{{- end }}
