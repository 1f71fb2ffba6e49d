{{- /*
Fields of NetworkPolicies, as JSON lists. `row` is an entry of the services table with defaults filled in. A
rule joins the peers of one entry with ports. The same peers serve as sources of ingress rules and as
destinations of egress rules.
  mesh-policies.peers   peers for the entry `row` in a policy in `namespace`: its pods, its addresses
  mesh-policies.port    a port of the services table as a port of a NetworkPolicy
  mesh-policies.ingress ingress rules for the pods of the entry `row`: one per port, with all clients
  mesh-policies.egress  egress rules for the pods of the entry `name`: one per service, with all ports
                        that list the entry as a client. Without a name, egress rules for pods of no
                        entry in `namespace`: the ports whose clients are `everyone`, such as DNS
*/}}
{{- define "mesh-policies.peers" }}
  {{- $peers := list }}
  {{- if .row.pods }}
    {{- $labels := empty .row.selector | ternary dict (dict "matchLabels" .row.selector) }}
    {{- $pods := dict "podSelector" $labels }}
    {{- if ne .row.namespace .namespace }}
      {{- $name := dict "kubernetes.io/metadata.name" .row.namespace }}
      {{- $_ := set $pods "namespaceSelector" (dict "matchLabels" $name) }}
    {{- end }}
    {{- $peers = append $peers $pods }}
  {{- end }}
  {{- range .row.cidrs }}
    {{- $peers = append $peers (dict "ipBlock" (dict "cidr" .)) }}
  {{- end }}
  {{- $peers | toJson }}
{{- end }}

{{- define "mesh-policies.port" }}
  {{- $port := dict "port" (int .number) "protocol" .transport }}
  {{- if gt (int .end) (int .number) }}
    {{- $_ := set $port "endPort" (int .end) }}
  {{- end }}
  {{- $port | toJson }}
{{- end }}

{{- define "mesh-policies.ingress" }}
  {{- $rules := list }}
  {{- $probed := list }}
  {{- range $port := .row.ports }}
    {{- $peers := list }}
    {{- range $client, $_ := $port.clients }}
      {{- $peer := dict "row" (index $.table $client) "namespace" $.row.namespace }}
      {{- $peers = concat $peers (include "mesh-policies.peers" $peer | fromJsonArray) }}
    {{- end }}
    {{- $policyPort := include "mesh-policies.port" $port | fromJson }}
    {{- $probed = $port.agent | ternary $probed (append $probed $policyPort) }}
    {{- with $peers }}
      {{- $rules = append $rules (dict "from" . "ports" (list $policyPort)) }}
    {{- end }}
  {{- end }}
  {{- with .nodes }}
    {{- if $.row.mesh }}
      {{- /* In a mesh, the kubelet's HTTP probes connect to the ports of Istio's agent. */}}
      {{- $probed = concat $probed (list (dict "port" 15020 "protocol" "TCP") (dict "port" 15021 "protocol" "TCP")) }}
    {{- end }}
    {{- $from := list }}
    {{- range . }}
      {{- $from = append $from (dict "ipBlock" (dict "cidr" .)) }}
    {{- end }}
    {{- if $probed }}
      {{- $rules = append $rules (dict "from" $from "ports" $probed) }}
    {{- end }}
  {{- end }}
  {{- $rules | toJson }}
{{- end }}

{{- define "mesh-policies.egress" }}
  {{- $rules := list }}
  {{- $namespace := .name | empty | ternary .namespace (get .table .name | default dict).namespace }}
  {{- range $server, $row := .table }}
    {{- $ports := list }}
    {{- range $port := $row.ports }}
      {{- if $.name | empty | ternary $port.everyone (hasKey $port.clients $.name) }}
        {{- $ports = append $ports (include "mesh-policies.port" $port | fromJson) }}
      {{- end }}
    {{- end }}
    {{- if $ports }}
      {{- with include "mesh-policies.peers" (dict "row" $row "namespace" $namespace) | fromJsonArray }}
        {{- $rules = append $rules (dict "to" . "ports" $ports) }}
      {{- end }}
    {{- end }}
  {{- end }}
  {{- $rules | toJson }}
{{- end }}
