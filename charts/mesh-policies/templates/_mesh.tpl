{{- /*
Fields of Istio's objects. `row` is an entry of the services table with defaults filled in.
  mesh-policies.portModes  mTLS modes of the ports of `row` that differ from the entry's own mode, as
                           portLevelMtls: port number -> mode; {} if none differs
  mesh-policies.rules      rules of an AuthorizationPolicy: for each source, the ports with full access and
                           the operations on other ports
  mesh-policies.sources    clients with the same `access` to a `port`, as a list of sources in JSON: the
                           identities of clients in the mesh; requests without an identity, if a client is
                           outside the mesh or the port is plain. NetworkPolicies alone restrict the latter
  mesh-policies.hosts      hosts in the Sidecar of the entry `name`
*/}}
{{- define "mesh-policies.portModes" }}
  {{- $modes := dict "strict" "STRICT" "permissive" "PERMISSIVE" "disable" "DISABLE" "inherit" "UNSET" }}
  {{- $own := .row.mtls }}
  {{- $portModes := dict }}
  {{- range .row.ports }}
    {{- if and (ne .mtls $own) (not .agent) }}
      {{- $mode := index $modes .mtls }}
      {{- range untilStep (int .number) (int .end | add1 | int) 1 }}
        {{- $_ := set $portModes (toString .) (dict "mode" $mode) }}
      {{- end }}
    {{- end }}
  {{- end }}
  {{- $portModes | toJson }}
{{- end }}

{{- define "mesh-policies.rules" }}
  {{- $whole := dict }}
  {{- $operations := dict }}
  {{- range $port := .row.ports }}
    {{- $numbers := list }}
    {{- range untilStep (int $port.number) (int $port.end | add1 | int) 1 }}
      {{- $numbers = append $numbers (toString .) }}
    {{- end }}
    {{- range $access := $port.agent | ternary list (values $port.clients | uniq | sortAlpha) }}
      {{- $clients := dict "table" $.table "port" $port "access" $access "domain" $.domain }}
      {{- range $from := include "mesh-policies.sources" $clients | fromJsonArray }}
        {{- with get $port.access $access }}
          {{- range . }}
            {{- $operation := dict "operation" (merge (dict "ports" $numbers) .) }}
            {{- $_ := set $operations $from (append (get $operations $from | default list) $operation) }}
          {{- end }}
        {{- else }}
          {{- $_ := set $whole $from (concat (get $whole $from | default list) $numbers) }}
        {{- end }}
      {{- end }}
    {{- end }}
  {{- end }}
  {{- $rules := list }}
  {{- range $from := concat (keys $whole) (keys $operations) | uniq | sortAlpha }}
    {{- $to := get $operations $from | default list }}
    {{- with get $whole $from }}
      {{- $to = prepend $to (dict "operation" (dict "ports" (sortAlpha .))) }}
    {{- end }}
    {{- $rules = append $rules (dict "from" (list (dict "source" (fromJson $from))) "to" $to) }}
  {{- end }}
  {{- $rules | toJson }}
{{- end }}

{{- define "mesh-policies.sources" }}
  {{- $known := list }}
  {{- $unknown := false }}
  {{- range $client, $access := .port.clients }}
    {{- if eq $access $.access }}
      {{- $peer := index $.table $client }}
      {{- if $peer.mesh }}
        {{- $known = append $known (printf "%s/ns/%s/sa/%s" $.domain $peer.namespace $peer.account) }}
      {{- end }}
      {{- $unknown = or $unknown $.port.plain (not $peer.mesh) }}
    {{- end }}
  {{- end }}
  {{- $sources := list }}
  {{- with $known | uniq | sortAlpha }}
    {{- $sources = append $sources (dict "principals" . | toJson) }}
  {{- end }}
  {{- if $unknown }}
    {{- /*
    The pattern * matches every identity, so its negation matches requests without one:
    https://istio.io/latest/docs/ops/configuration/security/security-policy-examples/
    */}}
    {{- $sources = append $sources (dict "notPrincipals" (list "*") | toJson) }}
  {{- end }}
  {{- $sources | toJson }}
{{- end }}

{{- define "mesh-policies.hosts" }}
  {{- $own := (index .table .name).namespace }}
  {{- $hosts := list }}
  {{- range $server, $row := .table }}
    {{- $used := false }}
    {{- range $row.ports }}
      {{- $used = or $used (hasKey .clients $.name) }}
    {{- end }}
    {{- if and $used (or $row.pods $row.services) }}
      {{- $place := eq $row.namespace $own | ternary "." $row.namespace }}
      {{- range $row.services }}
        {{- $hosts = append $hosts (printf "%s/%s.%s.svc.%s" $place . $row.namespace $.cluster) }}
      {{- else }}
        {{- $hosts = append $hosts (printf "%s/*" $place) }}
      {{- end }}
    {{- end }}
  {{- end }}
  {{- concat $hosts .more | uniq | sortAlpha | default (list "~/*") | toJson }}
{{- end }}
