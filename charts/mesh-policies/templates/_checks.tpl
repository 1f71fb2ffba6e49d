{{- /*
What the schema can't say about the values of this chart.
  mesh-policies.checks        all of it
  mesh-policies.checks.entry  one entry of the table: who it is, and its ports
  mesh-policies.checks.port   one port: its numbers, its rules by method, its clients
  mesh-policies.checks.named  the servers that global names, by entry: some entry has their Service
Those of a mesh are in _meshchecks.tpl.
*/}}
{{- define "mesh-policies.checks" }}
  {{- $selected := dict }}
  {{- range $name, $row := .Values.global.services }}
    {{- if include "mesh-policies.counts" (dict "ctx" $ "row" $row) }}
      {{- include "mesh-policies.checks.entry" (dict "ctx" $ "name" $name "row" $row "path" (print "global.services." $name)) }}
      {{- $pods := list ($row.namespace | default $.Release.Namespace) ($row.selector | default dict) | toJson }}
      {{- $other := hasKey $row "selector" | ternary (get $selected $pods) "" }}
      {{- with $other }}
        {{- include "common.problem" (dict
              "path" (printf "global.services.%s.selector" $name)
              "wrong" (printf "%s selects the same pods" .)
              "write" "write labels of its own pods, or one entry for both") }}
      {{- end }}
      {{- $_ := set $selected $pods $name }}
    {{- end }}
  {{- end }}
  {{- include "mesh-policies.checks.named" . }}
  {{- if .Values.global.mesh.enabled }}
    {{- include "mesh-policies.checks.mesh" . }}
  {{- end }}
{{- end }}

{{- define "mesh-policies.checks.named" }}
  {{- $traces := .Values.global.monitoring.traces.endpoint | default "" }}
  {{- $named := dict "jaeger" (list "monitoring.traces.endpoint" (regexReplaceAll `^https?://|:[0-9]+$` $traces "")) }}
  {{- range list "postgresql" "redis" "s3" }}
    {{- $_ := set $named . (list (print . ".host") (dig . "host" "" $.Values.global)) }}
  {{- end }}
  {{- range $entry, $at := $named }}
    {{- $host := last $at }}
    {{- /* A name of the cluster: `name`, `name.namespace`, `name.namespace.svc…`. */}}
    {{- if regexMatch `^[a-z][-a-z0-9]*(\.[-a-z0-9]+(\.svc(\..+)?)?)?$` $host }}
      {{- $name := splitList "." $host | first }}
      {{- $found := false }}
      {{- range $row := $.Values.global.services }}
        {{- if and (has $name ($row.services | default list)) (include "mesh-policies.counts" (dict "ctx" $ "row" $row)) }}
          {{- $found = true }}
        {{- end }}
      {{- end }}
      {{- if not $found }}
        {{- include "common.problem" (dict
              "path" (print "global." (first $at))
              "wrong" (printf "no entry of global.services has the Service %s, so no client could reach it" $name)
              "write" (printf "write services: [%s] and the labels of its pods in global.services.%s" $name $entry)) }}
      {{- end }}
    {{- end }}
  {{- end }}
{{- end }}

{{- define "mesh-policies.checks.entry" }}
  {{- $row := .row }}
  {{- if not (or (hasKey $row "selector") (hasKey $row "cidrs")) }}
    {{- include "common.problem" (dict
          "path" .path
          "wrong" "it says neither which pods nor which addresses it is"
          "write" "write selector with its pods' labels, or cidrs") }}
  {{- end }}
  {{- if and $row.policies (empty $row.selector) }}
    {{- include "common.problem" (dict
          "path" (print .path ".policies")
          "wrong" "policies are for pods, and it has no selector"
          "write" "write its pods' labels below selector, or policies: false") }}
  {{- else if and (hasKey $row "selector") (empty $row.selector) (eq ($row.namespace | default .ctx.Release.Namespace) .ctx.Release.Namespace) }}
    {{- include "common.problem" (dict
          "path" (print .path ".selector")
          "wrong" "without a label it is every pod of the release's namespace"
          "write" "write its pods' labels") }}
  {{- end }}
  {{- $taken := dict }}
  {{- range $name, $port := $row.ports }}
    {{- $path := printf "%s.ports.%s" $.path $name }}
    {{- $numbers := include "mesh-policies.numbers" (dict "ctx" $.ctx "port" $port) | fromJson }}
    {{- $number := printf "%v/%s" (int $numbers.number) (eq $port.protocol "udp" | ternary "udp" "tcp") }}
    {{- with get $taken $number }}
      {{- include "common.problem" (dict
            "path" (print $path ".number")
            "wrong" (printf "%s is the port %s too" $number .)
            "write" "write another number, or leave one of them out") }}
    {{- end }}
    {{- $_ := set $taken $number $name }}
    {{- include "mesh-policies.checks.port" (dict "ctx" $.ctx "path" $path "port" $port "numbers" $numbers) }}
  {{- end }}
{{- end }}

{{- define "mesh-policies.checks.port" }}
  {{- $port := .port }}
  {{- $protocol := $port.protocol | default "tcp" }}
  {{- if not .numbers.number }}
    {{- include "common.problem" (dict
          "path" (print .path ($port.ray | empty | ternary ".number" ".ray"))
          "wrong" ($port.ray | empty | ternary "the port has no number" (printf "global.ray.ports has no %s" $port.ray))
          "write" "write its number, or below ray a name of global.ray.ports") }}
  {{- else if lt (int .numbers.end) (int .numbers.number) }}
    {{- include "common.problem" (dict
          "path" (print .path ".end")
          "wrong" (printf "%v is before the first port (%v)" .numbers.end .numbers.number)
          "write" "write the range's last port") }}
  {{- end }}
  {{- if and $port.access (not (has $protocol (list "http" "grpc"))) }}
    {{- include "common.problem" (dict
          "path" (print .path ".access")
          "wrong" (printf "methods and paths are HTTP's, and the port's protocol is %s: the mesh would let nobody in" $protocol)
          "write" "write protocol: http if every Service names the port so, or all for its clients") }}
  {{- end }}
  {{- $services := .ctx.Values.global.services }}
  {{- $choices := concat (list "all" "none") (keys ($port.access | default dict)) }}
  {{- range $client, $access := $port.clients }}
    {{- $at := printf "%s.clients.%s" $.path $client }}
    {{- if not (or (eq $client "everyone") (hasKey $services $client)) }}
      {{- include "common.problem" (dict
            "path" $at
            "wrong" (printf "global.services has no entry %s" $client)
            "write" (printf "write one for it, or one of: %s" (keys $services | sortAlpha | join ", "))) }}
    {{- end }}
    {{- if not (has $access $choices) }}
      {{- include "common.problem" (dict
            "path" $at
            "wrong" (printf "the port has no access called %s" $access)
            "write" (printf "write one of: %s" (join ", " (sortAlpha $choices)))) }}
    {{- end }}
  {{- end }}
{{- end }}
