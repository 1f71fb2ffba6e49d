{{- /*
  254carbon.checks.tokens  each `workload` with a token of its ServiceAccount is a client of kubernetes-api in the
                           services table
  254carbon.token          "true" if the `pod` has a token for the API server: mounted by default, or a projected one
                           without an audience of its own
*/}}
{{- define "254carbon.checks.tokens" }}
  {{- $services := (index .ctx.Subcharts "mesh-policies").Values.global.services }}
  {{- range $workload := .workloads }}
    {{- $name := "" }}
    {{- if .token }}
      {{- $name = include "254carbon.entry" (dict "ctx" $.ctx "services" $services "labels" .labels) }}
    {{- end }}
    {{- if $name }}
      {{- $allowed := false }}
      {{- range (get $services "kubernetes-api" | default dict).ports }}
        {{- $allowed = or $allowed (ne (get (.clients | default dict) $name | default "none") "none") }}
      {{- end }}
      {{- if not $allowed }}
        {{- include "common.problem" (dict
              "path" "global.services.kubernetes-api.ports"
              "wrong" (printf "the pods of %s call the API server, and no port has the client %s" .name $name)
              "write" (printf "write `%s: all` below https.clients and https-pods.clients" $name)) }}
      {{- end }}
    {{- end }}
  {{- end }}
{{- end }}

{{- define "254carbon.token" }}
  {{- $token := .pod.spec.automountServiceAccountToken }}
  {{- range .pod.spec.volumes }}
    {{- range (.projected | default dict).sources }}
      {{- with .serviceAccountToken }}
        {{- $token = or $token (empty .audience) }}
      {{- end }}
    {{- end }}
  {{- end }}
  {{- $token | ternary "true" "" }}
{{- end }}
