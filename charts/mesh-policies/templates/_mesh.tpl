{{- /*
Parts of Istio's objects.
  mesh-policies.portModes  mTLS of a service's ports (`row`) that differ from the service's own, as
                           Istio writes it: port number -> mode; {} if none does
  mesh-policies.rules      rules of an AuthorizationPolicy: for each set of identities, the ports they
                           may use wholly, and the parts of others
  mesh-policies.identities the sets of identities that have one kind of `access` to a `port`, each a
                           JSON list. Who is outside the mesh has none: the empty set, which asks for
                           none, stands for such clients, and only NetworkPolicies say who they are.
  mesh-policies.hosts      what a proxy of the entry `name` must know, as Istio writes it
*/}}
{{- define "mesh-policies.portModes" }}
  {{- $modes := dict "strict" "STRICT" "permissive" "PERMISSIVE" "disable" "DISABLE" "inherit" "UNSET" }}
  {{- $own := .row.mtls }}
  {{- $drawn := dict }}
  {{- range .row.ports }}
    {{- if ne .mtls $own }}
      {{- $mode := index $modes .mtls }}
      {{- range untilStep (int .number) (int .end | add1 | int) 1 }}
        {{- $_ := set $drawn (toString .) (dict "mode" $mode) }}
      {{- end }}
    {{- end }}
  {{- end }}
  {{- $drawn | toJson }}
{{- end }}

{{- define "mesh-policies.rules" }}
  {{- $whole := dict }}
  {{- $parts := dict }}
  {{- range $port := .row.ports }}
    {{- $numbers := list }}
    {{- range untilStep (int $port.number) (int $port.end | add1 | int) 1 }}
      {{- $numbers = append $numbers (toString .) }}
    {{- end }}
    {{- range $access := values $port.clients | uniq | sortAlpha }}
      {{- $who := include "mesh-policies.identities" (dict "table" $.table "port" $port "access" $access "domain" $.domain) | fromJsonArray }}
      {{- range $from := $who }}
        {{- with get $port.access $access }}
          {{- range . }}
            {{- $operation := dict "operation" (merge (dict "ports" $numbers) .) }}
            {{- $_ := set $parts $from (append (get $parts $from | default list) $operation) }}
          {{- end }}
        {{- else }}
          {{- $_ := set $whole $from (concat (get $whole $from | default list) $numbers) }}
        {{- end }}
      {{- end }}
    {{- end }}
  {{- end }}
  {{- $rules := list }}
  {{- range $from := concat (keys $whole) (keys $parts) | uniq | sortAlpha }}
    {{- $to := get $parts $from | default list }}
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
