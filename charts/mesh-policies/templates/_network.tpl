{{- /*
Parts of NetworkPolicies, as JSON lists. A rule joins an entry's peers with ports; which end of the
connection they are is the caller's.
  mesh-policies.peers   how a policy in `namespace` names an entry (`row`): its pods, its addresses
  mesh-policies.port    a port of the table as a policy's
  mesh-policies.ingress what an entry's pods (`row`) take: a rule a port, with all its clients
  mesh-policies.egress  what an entry (`name`) may open: a rule a service, with all ports it may use
*/}}
{{- define "mesh-policies.peers" }}
  {{- $peers := list }}
  {{- if .row.pods }}
    {{- $labels := empty .row.selector | ternary dict (dict "matchLabels" .row.selector) }}
    {{- $pods := dict "podSelector" $labels }}
    {{- if ne .row.namespace .namespace }}
      {{- $_ := set $pods "namespaceSelector" (dict "matchLabels" (dict "kubernetes.io/metadata.name" .row.namespace)) }}
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
      {{- $peers = concat $peers (include "mesh-policies.peers" (dict "row" (index $.table $client) "namespace" $.row.namespace) | fromJsonArray) }}
    {{- end }}
    {{- $drawn := include "mesh-policies.port" $port | fromJson }}
    {{- $probed = append $probed $drawn }}
    {{- with $peers }}
      {{- $rules = append $rules (dict "from" . "ports" (list $drawn)) }}
    {{- end }}
  {{- end }}
  {{- with .nodes }}
    {{- if $.row.mesh }}
      {{- /* Istio sends the kubelet's HTTP probes through the proxy's agent. */}}
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
  {{- $namespace := (index .table .name).namespace }}
  {{- range $server, $row := .table }}
    {{- $ports := list }}
    {{- range $port := $row.ports }}
      {{- if hasKey $port.clients $.name }}
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
