{{- /*
  254carbon.checks            the checks that concern the platform as a whole
  254carbon.checks.nodes      every pod fits at least one node
  254carbon.checks.unlimited  each Ray container has a CPU limit, if the quota requires a limit or the LimitRange has a
                              default
  254carbon.checks.limits     the defaults of the LimitRange
*/}}
{{- define "254carbon.checks" }}
  {{- /* Without nodes, quota and GPU pools there is no supply to compare the demand with. */}}
  {{- $limited := or .Values.capacity.nodes .Values.quota.enabled .Values.global.gpuPools }}
  {{- $policies := false }}
  {{- with index .Subcharts "mesh-policies" }}
    {{- $policies = .Values.networkPolicies.enabled }}
  {{- end }}
  {{- $renamed := and (hasKey .Subcharts "mesh-policies") (include "254carbon.renamed" .) }}
  {{- $prioritized := include "254carbon.prioritized" . }}
  {{- $workloads := list }}
  {{- if or $limited $policies $renamed $prioritized }}
    {{- $workloads = include "254carbon.workloads" . | fromJsonArray }}
  {{- end }}
  {{- if $renamed }}
    {{- include "254carbon.checks.names" (dict "ctx" $ "workloads" $workloads) }}
  {{- end }}
  {{- if $policies }}
    {{- include "254carbon.checks.tokens" (dict "ctx" $ "workloads" $workloads) }}
  {{- end }}
  {{- if $prioritized }}
    {{- include "254carbon.checks.priorities" (dict "ctx" $ "workloads" $workloads) }}
  {{- end }}
  {{- if $limited }}
    {{- include "254carbon.checks.capacity" (dict "ctx" $ "workloads" $workloads) }}
    {{- include "254carbon.checks.nodes" (dict "ctx" $ "workloads" $workloads) }}
    {{- include "254carbon.checks.unlimited" (dict "ctx" $ "workloads" $workloads) }}
  {{- end }}
  {{- include "254carbon.checks.limits" . }}
  {{- include "254carbon.checks.stores" . }}
  {{- include "254carbon.checks.backups" . }}
  {{- include "254carbon.checks.gateway" . }}
  {{- include "254carbon.checks.routes" . }}
  {{- include "254carbon.checks.login" . }}
{{- end }}

{{- define "254carbon.checks.nodes" }}
  {{- range $workload := .workloads }}
    {{- $cpu := int64 $workload.requests.cpu }}
    {{- $memory := int64 $workload.requests.memory }}
    {{- $fits := empty $.ctx.Values.capacity.nodes }}
    {{- range $.ctx.Values.capacity.nodes }}
      {{- $resources := dict "requests" . }}
      {{- $node := include "254carbon.amounts" (dict "resources" $resources "field" "requests") | fromJson }}
      {{- if and (le $cpu (int64 $node.cpu)) (le $memory (int64 $node.memory)) }}
        {{- $fits = true }}
      {{- end }}
    {{- end }}
    {{- if not $fits }}
      {{- include "common.problem" (dict
            "path" .lower
            "wrong" (printf "each pod of %s requests %s cores and %s GiB, and no node of capacity.nodes has as much"
              .name
              (include "254carbon.formatAmount" (dict "resource" "cpu" "amount" .requests.cpu))
              (include "254carbon.formatAmount" (dict "resource" "memory" "amount" .requests.memory)))
            "write" "write smaller requests") }}
    {{- end }}
  {{- end }}
{{- end }}

{{- define "254carbon.checks.unlimited" }}
  {{- $ranged := and .ctx.Values.limitRange.enabled (hasKey .ctx.Values.limitRange.default "cpu") }}
  {{- $path := $ranged | ternary "limitRange.default.cpu" "" }}
  {{- $why := "which the LimitRange would set to its default" }}
  {{- if and .ctx.Values.quota.enabled (hasKey .ctx.Values.quota.hard "limits.cpu") }}
    {{- $path = "quota.hard.limits.cpu" }}
    {{- $why = "which the quota requires" }}
  {{- end }}
  {{- if $path }}
    {{- range $workload := .workloads }}
      {{- range .unlimited }}
        {{- /* The default of the LimitRange limits other containers, and is too small for a Ray node. */}}
        {{- if hasPrefix "ray-" . }}
          {{- include "common.problem" (dict
                "path" $path
                "wrong" (printf "the container %s of %s has no CPU limit, %s" . $workload.name $why)
                "write" (printf "write resources.limits.cpu of the Ray node, or remove %s"
                  (list $path "limitRange.default.cpu" | uniq | join " and "))) }}
        {{- end }}
      {{- end }}
    {{- end }}
  {{- end }}
{{- end }}

{{- define "254carbon.checks.limits" }}
  {{- $limits := dict "resources" (dict "limits" .Values.limitRange.default) "field" "limits" }}
  {{- $limit := include "254carbon.amounts" $limits | fromJson }}
  {{- range $name, $quantity := .Values.limitRange.defaultRequest }}
    {{- $requests := dict "resources" (dict "limits" (dict $name $quantity)) "field" "limits" }}
    {{- $request := include "254carbon.amounts" $requests | fromJson }}
    {{- if and (hasKey $limit $name) (gt (int64 (get $request $name)) (int64 (get $limit $name))) }}
      {{- $default := get $.Values.limitRange.default $name }}
      {{- include "common.problem" (dict
            "path" (printf "limitRange.defaultRequest.%s" $name)
            "wrong" (printf "%v is more than limitRange.default.%s (%v)" $quantity $name $default)
            "write" (printf "write at most %v" $default)) }}
    {{- end }}
  {{- end }}
{{- end }}
