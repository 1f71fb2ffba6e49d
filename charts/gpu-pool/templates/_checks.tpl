{{- /*
  gpu-pool.checks          rules for the values of this chart that the schema can't express
  gpu-pool.checks.classes  priorities and quota percentages of the priority classes are consistent
*/}}
{{- define "gpu-pool.checks" }}
  {{- range $pool, $_ := .Values.global.gpuPools }}
    {{- range $check := list "labels" "sharing" "family" }}
      {{- include (print "gpu-pool.checks." $check) (dict "ctx" $ "pool" $pool) }}
    {{- end }}
  {{- end }}
  {{- include "gpu-pool.checks.classes" . }}
  {{- if .Values.kueue.enabled }}
    {{- include "common.needsApi" (dict
          "ctx" $
          "api" "kueue.x-k8s.io/v1beta2"
          "path" "kueue.enabled"
          "install" "Kueue 0.15 or newer") }}
    {{- if not .Values.global.gpuPools }}
      {{- include "common.problem" (dict
            "path" "kueue.enabled"
            "wrong" "global.gpuPools is empty, so there are no GPUs to queue for"
            "write" "write the pools in global.gpuPools, or kueue.enabled: false") }}
    {{- end }}
  {{- end }}
{{- end }}

{{- define "gpu-pool.checks.classes" }}
  {{- $higher := "" }}
  {{- $order := include "gpu-pool.priorityClasses" . | replace " " ", " }}
  {{- range $class := include "gpu-pool.priorityClasses" . | splitList " " }}
    {{- $value := (get $.Values.priorities $class).value }}
    {{- if $higher }}
      {{- $limit := (get $.Values.priorities $higher).value }}
      {{- if le (int64 $limit) (int64 $value) }}
        {{- include "common.problem" (dict
              "path" (printf "priorities.%s.value" $class)
              "wrong" (printf "%v is not below priorities.%s.value (%v)" $value $higher $limit)
              "write" (printf "write a lower value, or raise priorities.%s.value; the order is %s" $higher $order)) }}
      {{- end }}
    {{- end }}
    {{- $higher = $class }}
    {{- $percent := hasKey $.Values.quota.classes $class | ternary (get $.Values.quota.classes $class) 100 }}
    {{- $limited := lt (int $percent) (int $.Values.quota.percent) }}
    {{- if and $.Values.quota.enabled $limited (not $.Values.priorities.enabled) }}
      {{- include "common.problem" (dict
            "path" (printf "quota.classes.%s" $class)
            "wrong" "priorities.enabled is false, so no pod has this priority class"
            "write" (printf "write %v, or priorities.enabled: true" $.Values.quota.percent)) }}
    {{- end }}
  {{- end }}
{{- end }}
