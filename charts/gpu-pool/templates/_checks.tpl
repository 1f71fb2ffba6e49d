{{- /*
  gpu-pool.checks          what the schema can't say about the values of this chart
  gpu-pool.checks.classes  priorities and shares of the classes
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
            "wrong" "there is no pool to queue for"
            "write" "write the pools in global.gpuPools, or false") }}
    {{- end }}
  {{- end }}
{{- end }}

{{- define "gpu-pool.checks.classes" }}
  {{- $before := "" }}
  {{- range $class := list "serving" "training" "batch" }}
    {{- $about := get $.Values.priorities $class }}
    {{- if $before }}
      {{- $above := get $.Values.priorities $before }}
      {{- if le (int64 $above.value) (int64 $about.value) }}
        {{- include "common.problem" (dict
              "path" (printf "priorities.%s.value" $class)
              "wrong" (printf "%v is not below priorities.%s.value (%v)" $about.value $before $above.value)
              "write" "write less: serving comes before training before batch") }}
      {{- end }}
    {{- end }}
    {{- $before = $class }}
    {{- if and $.Values.quota.enabled (not $.Values.priorities.enabled) (lt (int (get $.Values.quota.classes $class)) (int $.Values.quota.percent)) }}
      {{- include "common.problem" (dict
            "path" (printf "quota.classes.%s" $class)
            "wrong" "priorities.enabled is false, so no pod is of this class"
            "write" (printf "write %v, or priorities.enabled: true" $.Values.quota.percent)) }}
    {{- end }}
  {{- end }}
{{- end }}
