{{- /*
  254carbon.checks         what holds for the platform as a whole
  254carbon.checks.nodes   every pod fits a node
  254carbon.checks.limits  the LimitRange, and a quota that counts on it
*/}}
{{- define "254carbon.checks" }}
  {{- /* Where neither nodes, quota nor GPUs are stated there is nothing to hold pods against. */}}
  {{- if or .Values.capacity.nodes .Values.quota.enabled .Values.global.gpuPools }}
    {{- $workloads := include "254carbon.workloads" . | fromJsonArray }}
    {{- include "254carbon.checks.capacity" (dict "ctx" $ "workloads" $workloads) }}
    {{- include "254carbon.checks.nodes" (dict "ctx" $ "workloads" $workloads) }}
  {{- end }}
  {{- include "254carbon.checks.limits" . }}
{{- end }}

{{- define "254carbon.checks.nodes" }}
  {{- range $load := .workloads }}
    {{- $fits := empty $.ctx.Values.capacity.nodes }}
    {{- range $.ctx.Values.capacity.nodes }}
      {{- $node := include "254carbon.amounts" (dict "resources" (dict "requests" .) "side" "requests") | fromJson }}
      {{- if and (le (int64 $load.requests.cpu) (int64 $node.cpu)) (le (int64 $load.requests.memory) (int64 $node.memory)) }}
        {{- $fits = true }}
      {{- end }}
    {{- end }}
    {{- if not $fits }}
      {{- include "common.problem" (dict
            "path" .lower
            "wrong" (printf "a pod of %s requests %s cores and %s GiB, what no node of capacity.nodes has" .name (include "254carbon.shown" (dict "resource" "cpu" "amount" .requests.cpu)) (include "254carbon.shown" (dict "resource" "memory" "amount" .requests.memory)))
            "write" "write smaller requests") }}
    {{- end }}
  {{- end }}
{{- end }}

{{- define "254carbon.checks.limits" }}
  {{- if and .Values.quota.enabled (not .Values.limitRange.enabled) }}
    {{- include "common.problem" (dict
          "path" "limitRange.enabled"
          "wrong" "under a quota every container without requests and limits is refused, such as those that operators and debuggers add"
          "write" "write true, or quota.enabled: false") }}
  {{- end }}
  {{- range $name, $quantity := .Values.limitRange.defaultRequest }}
    {{- $request := include "254carbon.amounts" (dict "resources" (dict "limits" (dict $name $quantity)) "side" "limits") | fromJson }}
    {{- $limit := include "254carbon.amounts" (dict "resources" (dict "limits" $.Values.limitRange.default) "side" "limits") | fromJson }}
    {{- if and (hasKey $limit $name) (gt (int64 (get $request $name)) (int64 (get $limit $name))) }}
      {{- include "common.problem" (dict
            "path" (printf "limitRange.defaultRequest.%s" $name)
            "wrong" (printf "%v is more than limitRange.default.%s (%v)" $quantity $name (get $.Values.limitRange.default $name))
            "write" "write at most that") }}
    {{- end }}
  {{- end }}
{{- end }}
