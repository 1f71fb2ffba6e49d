{{- /*
  254carbon.checks.priorities  each of the `workloads` that names a PriorityClass of gpu-pool names one that the release
                               creates; if a class preempts, no server is without a class
  254carbon.classes            names of the PriorityClasses of gpu-pool that the release creates, by class, as JSON
  254carbon.prioritized        "true" if the values name a PriorityClass of gpu-pool, or let a class preempt
*/}}
{{- define "254carbon.checks.priorities" }}
  {{- $classes := include "254carbon.classes" .ctx | fromJson }}
  {{- /* Names of this version, of any namespace, and of earlier versions. */}}
  {{- $names := "(critical|serving|training|batch)" }}
  {{- $pattern := printf "-%s-[0-9]+(-preempting)?$|^%s-%s$" $names .ctx.Release.Namespace $names }}
  {{- $bare := list }}
  {{- $unknown := dict }}
  {{- range .workloads }}
    {{- if and (regexMatch $pattern .priority) (not (has .priority (values $classes))) }}
      {{- $key := printf "%s of %s" .priority (splitList "." .lower | first) }}
      {{- $_ := set $unknown $key (append (get $unknown $key | default list) .name) }}
    {{- end }}
    {{- /* Ray's workers are not servers, but what the classes are for. */}}
    {{- $works := regexMatch "^(ray-cluster[.](workerGroups|services)|gpu-pool[.])" .lower }}
    {{- if and (eq .kind "server") (not .priority) (not $works) }}
      {{- $bare = append $bare .name }}
    {{- end }}
  {{- end }}
  {{- $write := "write gpu-pool.enabled and gpu-pool.priorities.enabled: true, or remove the value" }}
  {{- with $classes }}
    {{- $write = values . | sortAlpha | join ", " | print "write one of " }}
  {{- end }}
  {{- range $key, $names := $unknown }}
    {{- $parts := splitList " of " $key }}
    {{- include "common.problem" (dict
          "path" (print "priorityClassName below " (last $parts))
          "wrong" (printf
            "the release creates no PriorityClass %s, without which the API server rejects the pods of %s"
            (first $parts)
            ($names | uniq | join ", "))
          "write" $write) }}
  {{- end }}
  {{- range $class, $name := $classes }}
    {{- if and $bare (hasSuffix "-preempting" $name) }}
      {{- include "common.problem" (dict
            "path" (printf "gpu-pool.priorities.%s.preempts" $class)
            "wrong" (printf "pods of the class evict pods of %s, which have no PriorityClass"
              ($bare | uniq | join ", "))
            "write" (printf "write false, or priorityClassName: %s for these pods" $classes.critical)) }}
    {{- end }}
  {{- end }}
{{- end }}

{{- define "254carbon.classes" }}
  {{- $classes := dict }}
  {{- with $subchart := get .Subcharts "gpu-pool" }}
    {{- if .Values.priorities.enabled }}
      {{- range $class := include "gpu-pool.priorityClasses" . | splitList " " }}
        {{- $_ := set $classes $class (include "gpu-pool.priorityClass" (dict "ctx" $subchart "class" $class)) }}
      {{- end }}
    {{- end }}
  {{- end }}
  {{- $classes | toJson }}
{{- end }}

{{- define "254carbon.prioritized" }}
  {{- $named := regexMatch `"priorityClassName":"[^"]+-(critical|serving|training|batch)` (toJson .Values) }}
  {{- $preempting := include "254carbon.classes" . | contains "-preempting" }}
  {{- or $named $preempting | ternary "true" "" }}
{{- end }}
