{{- /*
The services table (`global.services`) as the templates use it: enabled entries with defaults filled in,
the client `everyone` expanded, and without clients that are disabled or have access `none`. With an
entry `prometheus`, each entry in the mesh has the ports of Istio's agent and proxy with metrics. Each
template reads the table once: include "mesh-policies.table" . | fromJson.
  mesh-policies.table    entry name -> namespace, selector, pods, cidrs, account, services, policies,
                         foreign (true for pods of another team: the entry states policies), mesh, mtls,
                         authorization, clientTls, ports. A port has number, end, transport, protocol,
                         mtls, plain (its clients may use no mTLS), agent (a port of Istio, to which mTLS
                         modes and rules do not apply), everyone (true if every pod is a client), access
                         and clients (name -> access).
  mesh-policies.row      one entry of the table, from its values in `row`
  mesh-policies.enabled  "true" if the entry `row` is enabled, else empty
  mesh-policies.ray      global.mesh.ray as a string: YAML reads an unquoted `off` as false
*/}}
{{- define "mesh-policies.table" }}
  {{- $rows := dict }}
  {{- range $name, $row := .Values.global.services }}
    {{- if include "mesh-policies.enabled" (dict "ctx" $ "row" $row) }}
      {{- $_ := set $rows $name (include "mesh-policies.row" (dict "ctx" $ "row" $row) | fromJson) }}
    {{- end }}
  {{- end }}
  {{- $everyone := dict }}
  {{- range $name, $row := $rows }}
    {{- if $row.policies }}
      {{- $_ := set $everyone $name true }}
    {{- end }}
  {{- end }}
  {{- range $name, $row := $rows }}
    {{- if and $row.mesh $row.pods (hasKey $rows "prometheus") }}
      {{- range $port, $number := dict "http-agent-metrics" 15020 "http-proxy-metrics" 15090 }}
        {{- $_ := set $row.ports $port (include "mesh-policies.agentPort" $number | fromJson) }}
      {{- end }}
    {{- end }}
    {{- range $port := $row.ports }}
      {{- $clients := dict }}
      {{- range $client, $access := $port.clients }}
        {{- if and (eq $client "everyone") (ne $access "none") }}
          {{- $_ := set $port "everyone" (not (has "none" (values $port.clients))) }}
          {{- range $each, $_ := $everyone }}
            {{- if not (or (eq $each $name) (hasKey $port.clients $each)) }}
              {{- $_ := set $clients $each $access }}
            {{- end }}
          {{- end }}
        {{- else if and (hasKey $rows $client) (ne $access "none") }}
          {{- $_ := set $clients $client $access }}
        {{- end }}
      {{- end }}
      {{- $_ := set $port "clients" $clients }}
    {{- end }}
  {{- end }}
  {{- $rows | toJson }}
{{- end }}

{{- define "mesh-policies.row" }}
  {{- $row := .row }}
  {{- $own := .ctx.Release.Namespace }}
  {{- $namespace := $row.namespace | default $own }}
  {{- $local := and (eq $namespace $own) (hasKey $row "selector") }}
  {{- $mtls := $row.mtls | default "inherit" }}
  {{- $ray := include "mesh-policies.ray" .ctx }}
  {{- $rayOutside := and (eq $mtls "ray") (eq $ray "off") }}
  {{- $mesh := and .ctx.Values.global.mesh.enabled (dig "mesh" $local $row) (not $rayOutside) }}
  {{- $ports := dict }}
  {{- range $name, $port := $row.ports }}
    {{- $numbers := include "mesh-policies.numbers" (dict "ctx" $.ctx "port" $port) | fromJson }}
    {{- $plain := and (dig "internal" false $port) (eq $mtls "ray") (eq $ray "portPermissive") }}
    {{- $_ := set $ports $name (dict
          "number" $numbers.number
          "end" $numbers.end
          "protocol" ($port.protocol | default "tcp")
          "transport" (eq $port.protocol "udp" | ternary "UDP" "TCP")
          "mtls" ($port.mtls | default (ternary "permissive" (eq $mtls "ray" | ternary "strict" $mtls) $plain))
          "plain" $plain
          "agent" false
          "everyone" false
          "access" ($port.access | default dict)
          "clients" ($port.clients | default dict)) }}
  {{- end }}
  {{- dict
        "namespace" $namespace
        "selector" ($row.selector | default dict)
        "pods" (hasKey $row "selector")
        "cidrs" ($row.cidrs | default list)
        "account" ($row.serviceAccount | default "")
        "services" ($row.services | default list)
        "policies" (dig "policies" $local $row)
        "foreign" (hasKey $row "policies")
        "mesh" $mesh
        "mtls" (eq $mtls "ray" | ternary "strict" $mtls)
        "authorization" ($row.authorization | default false)
        "clientTls" ($row.clientTls | default "auto")
        "ports" $ports | toJson }}
{{- end }}

{{- define "mesh-policies.enabled" }}
  {{- $enabled := dig "enabled" true .row | toString }}
  {{- if has $enabled (list "mesh" "monitoring") }}
    {{- $enabled = index .ctx.Values.global $enabled "enabled" | toString }}
  {{- end }}
  {{- eq $enabled "true" | ternary "true" "" }}
{{- end }}

{{- define "mesh-policies.ray" }}
  {{- toString .Values.global.mesh.ray | replace "false" "off" }}
{{- end }}
