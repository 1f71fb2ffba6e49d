{{- /*
Checks of values that the schema can't express. _checks_port.tpl has the checks of a port,
_checks_mesh.tpl those for a mesh.
  mesh-policies.checks        all checks of this chart
  mesh-policies.checks.entry  an entry of the services table: its pods or addresses, and its ports
  mesh-policies.checks.isolated  an entry whose pods defaultDeny isolates: it must have policies
  mesh-policies.checks.hosts  stores and servers of monitoring in `global`: an entry must list their Service
*/}}
{{- define "mesh-policies.checks" }}
  {{- $selected := dict }}
  {{- range $name, $row := .Values.global.services }}
    {{- if include "mesh-policies.enabled" (dict "ctx" $ "row" $row) }}
      {{- $path := print "global.services." $name }}
      {{- include "mesh-policies.checks.entry" (dict "ctx" $ "name" $name "row" $row "path" $path) }}
      {{- include "mesh-policies.checks.isolated" (dict "ctx" $ "row" $row "path" $path) }}
      {{- $pods := list ($row.namespace | default $.Release.Namespace) ($row.selector | default dict) | toJson }}
      {{- $other := hasKey $row "selector" | ternary (get $selected $pods) "" }}
      {{- with $other }}
        {{- include "common.problem" (dict
              "path" (printf "global.services.%s.selector" $name)
              "wrong" (printf "the entry %s of global.services selects the same pods" .)
              "write" "write labels that no other entry has, or merge the two entries") }}
      {{- end }}
      {{- $_ := set $selected $pods $name }}
    {{- end }}
  {{- end }}
  {{- include "mesh-policies.checks.hosts" . }}
  {{- if .Values.global.mesh.enabled }}
    {{- include "mesh-policies.checks.mesh" . }}
  {{- end }}
{{- end }}

{{- define "mesh-policies.checks.hosts" }}
  {{- $named := dict }}
  {{- range $entry, $at := dict "jaeger" "traces.endpoint" "prometheus" "prometheus.url" "grafana" "grafana.url" }}
    {{- $keys := splitList "." $at }}
    {{- $url := dig (first $keys) (last $keys) "" $.Values.global.monitoring }}
    {{- $host := regexReplaceAll `^https?://|:[0-9]+|/.*$` $url "" }}
    {{- $_ := set $named $entry (list (print "monitoring." $at) $host) }}
  {{- end }}
  {{- range list "postgresql" "redis" "s3" }}
    {{- $_ := set $named . (list (print . ".host") (dig . "host" "" $.Values.global)) }}
  {{- end }}
  {{- range $entry, $at := $named }}
    {{- $host := last $at }}
    {{- /* A DNS name in the cluster: `name`, `name.namespace`, `name.namespace.svc…`. */}}
    {{- if regexMatch `^[a-z][-a-z0-9]*(\.[-a-z0-9]+(\.svc(\..+)?)?)?$` $host }}
      {{- $name := splitList "." $host | first }}
      {{- $found := false }}
      {{- range $row := $.Values.global.services }}
        {{- $enabled := include "mesh-policies.enabled" (dict "ctx" $ "row" $row) }}
        {{- if and $enabled $row.ports (has $name ($row.services | default list)) }}
          {{- $found = true }}
        {{- end }}
      {{- end }}
      {{- if not $found }}
        {{- include "common.problem" (dict
              "path" (print "global." (first $at))
              "wrong" (print "no entry of global.services lists the Service " $name
                " with a port, so policies deny its clients")
              "write" (printf "add %s to global.services.%s.services, and set selector and ports" $name $entry)) }}
      {{- end }}
    {{- end }}
  {{- end }}
{{- end }}

{{- define "mesh-policies.checks.isolated" }}
  {{- $policies := .ctx.Values.networkPolicies }}
  {{- $local := eq (.row.namespace | default .ctx.Release.Namespace) .ctx.Release.Namespace }}
  {{- if and $policies.enabled (eq $policies.defaultDeny "namespace") $local (hasKey .row "selector") }}
    {{- if not (dig "policies" true .row) }}
      {{- include "common.problem" (dict
            "path" (print .path ".policies")
            "wrong" "mesh-policies.networkPolicies.defaultDeny: namespace isolates the pods, and policies is false"
            "write" "write true, or defaultDeny: platform") }}
    {{- end }}
  {{- end }}
{{- end }}

{{- define "mesh-policies.checks.entry" }}
  {{- $row := .row }}
  {{- $namespace := $row.namespace | default .ctx.Release.Namespace }}
  {{- if not (or (hasKey $row "selector") (hasKey $row "cidrs")) }}
    {{- include "common.problem" (dict
          "path" .path
          "wrong" "the services table entry has neither pods nor addresses"
          "write" "write selector with the labels of the pods, or cidrs") }}
  {{- end }}
  {{- if and $row.policies (empty $row.selector) }}
    {{- include "common.problem" (dict
          "path" (print .path ".policies")
          "wrong" "policies select pods, and the services table entry has no selector"
          "write" "write the labels of its pods in selector, or policies: false") }}
  {{- else if and (hasKey $row "selector") (empty $row.selector) (eq $namespace .ctx.Release.Namespace) }}
    {{- include "common.problem" (dict
          "path" (print .path ".selector")
          "wrong" "an empty selector selects every pod in the release's namespace"
          "write" "write the labels of its pods") }}
  {{- end }}
  {{- $taken := dict }}
  {{- range $name, $port := $row.ports }}
    {{- $path := printf "%s.ports.%s" $.path $name }}
    {{- $numbers := include "mesh-policies.numbers" (dict "ctx" $.ctx "port" $port) | fromJson }}
    {{- $number := printf "%v/%s" (int $numbers.number) (eq $port.protocol "udp" | ternary "udp" "tcp") }}
    {{- with get $taken $number }}
      {{- include "common.problem" (dict
            "path" (print $path ".number")
            "wrong" (printf "the port %s has the same number %s" . $number)
            "write" "write another number, or remove one of the two ports") }}
    {{- end }}
    {{- $_ := set $taken $number $name }}
    {{- include "mesh-policies.checks.port" (dict "ctx" $.ctx "path" $path "port" $port "numbers" $numbers) }}
  {{- end }}
{{- end }}
