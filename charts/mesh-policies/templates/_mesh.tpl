{{- /*
Fields of Istio's objects. `row` is an entry of the services table with defaults filled in.
  mesh-policies.portModes  mTLS modes of the ports of `row` that differ from the entry's own mode, as
                           portLevelMtls: port number -> mode; {} if none differs
  mesh-policies.rules      rules of an AuthorizationPolicy: for each set of identities, the ports with
                           full access and the operations on other ports
  mesh-policies.identities identities of the clients with the same `access` to a `port`, as a list of
                           JSON lists. Clients outside the mesh have no identity. They are an empty
                           list, which allows any client; only NetworkPolicies restrict them.
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
      {{- range $from := include "mesh-policies.identities" $clients | fromJsonArray }}
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
    {{- $rule := dict "to" $to }}
    {{- with fromJsonArray $from }}
      {{- $_ := set $rule "from" (list (dict "source" (dict "principals" .))) }}
    {{- end }}
    {{- $rules = append $rules $rule }}
  {{- end }}
  {{- $rules | toJson }}
{{- end }}

{{- define "mesh-policies.identities" }}
  {{- $known := list }}
  {{- $unknown := false }}
  {{- range $client, $access := .port.clients }}
    {{- $peer := index $.table $client }}
    {{- if and (eq $access $.access) $peer.mesh (not $.port.plain) }}
      {{- $known = append $known (printf "%s/ns/%s/sa/%s" $.domain $peer.namespace $peer.account) }}
    {{- else if eq $access $.access }}
      {{- $unknown = true }}
    {{- end }}
  {{- end }}
  {{- $sets := list }}
  {{- with $known | uniq | sortAlpha }}
    {{- $sets = append $sets (toJson .) }}
  {{- end }}
  {{- if $unknown }}
    {{- $sets = append $sets "[]" }}
  {{- end }}
  {{- $sets | toJson }}
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
