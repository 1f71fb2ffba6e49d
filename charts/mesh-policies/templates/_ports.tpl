{{- /*
Ports of the services table.
  mesh-policies.numbers    first and last number of a `port`: the port's own numbers, or the numbers in
                           global.ray.ports
  mesh-policies.agentPort  a port of Istio's agent or proxy with metrics, by its number
*/}}
{{- define "mesh-policies.numbers" }}
  {{- $first := .port.number | default 0 }}
  {{- $last := .port.end | default $first }}
  {{- with .port.ray }}
    {{- $pinned := get $.ctx.Values.global.ray.ports . | default 0 }}
    {{- $range := kindIs "map" $pinned | ternary $pinned (dict "first" $pinned "last" $pinned) }}
    {{- $first = $range.first }}
    {{- $last = $range.last }}
  {{- end }}
  {{- dict "number" (int $first) "end" (int $last) | toJson }}
{{- end }}

{{- define "mesh-policies.agentPort" }}
  {{- dict
        "number" .
        "end" .
        "protocol" "http"
        "transport" "TCP"
        "mtls" "permissive"
        "plain" true
        "agent" true
        "everyone" false
        "access" dict
        "clients" (dict "prometheus" "all") | toJson }}
{{- end }}
