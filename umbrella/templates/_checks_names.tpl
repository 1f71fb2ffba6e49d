{{- /*
  254carbon.checks.names  the services table selects the pods of each `workload`, and names their ServiceAccount and
                          Service. mesh-policies can't read the names that another chart's values set
  254carbon.renamed       "true" if a chart's values set a name of objects or of a ServiceAccount
  254carbon.entry         name of the entry of the services table (`services`) that selects the pods with `labels`
*/}}
{{- define "254carbon.checks.names" }}
  {{- $services := (index .ctx.Subcharts "mesh-policies").Values.global.services }}
  {{- range $workload := .workloads }}
    {{- $selected := dict "ctx" $.ctx "services" $services "labels" .labels }}
    {{- $name := include "254carbon.entry" $selected }}
    {{- $keys := splitList "." .lower | first | print "nameOverride and fullnameOverride below " }}
    {{- if $name }}
      {{- $entry := get $services $name }}
      {{- $path := print "global.services." $name }}
      {{- if ne ($entry.serviceAccount | default "") .account }}
        {{- include "common.problem" (dict
              "path" (print $path ".serviceAccount")
              "wrong" (printf "the pods of %s have the ServiceAccount %s, and policies allow %s"
                .name .account ($entry.serviceAccount | default "none"))
              "write" (print "write " .account)) }}
      {{- end }}
      {{- if and $entry.services (eq .kind "server") (not (has .name $entry.services)) }}
        {{- include "common.problem" (dict
              "path" (print $path ".services")
              "wrong" (printf "the list has no %s, so proxies do not know the Service of these pods" .name)
              "write" (print "write the name of the Service: " .name)) }}
      {{- end }}
    {{- else }}
      {{- include "common.problem" (dict
            "path" "global.services"
            "wrong" (printf "no entry selects the pods of %s (app: %s), so policies deny their connections"
              .name (get .labels "app"))
            "write" (printf "write selector: {app: %s} in the entry of these pods, or remove %s"
              (get .labels "app") $keys)) }}
    {{- end }}
  {{- end }}
{{- end }}

{{- define "254carbon.renamed" }}
  {{- $renamed := "" }}
  {{- range $chart, $ctx := .Subcharts }}
    {{- $values := omit $ctx.Values "global" | toJson }}
    {{- $named := regexMatch `"(nameOverride|fullnameOverride)":"[^"]` $values }}
    {{- $account := regexMatch `"serviceAccount":\{([^{}]|\{[^{}]*\})*"name":"[^"]` $values }}
    {{- if and (or $named $account) (ne $chart "mesh-policies") }}
      {{- $renamed = "true" }}
    {{- end }}
  {{- end }}
  {{- $renamed }}
{{- end }}

{{- define "254carbon.entry" }}
  {{- $found := "" }}
  {{- range $name, $entry := .services }}
    {{- $local := has ($entry.namespace | default "") (list "" $.ctx.Release.Namespace) }}
    {{- if and $local $entry.selector (ne (toString $entry.enabled) "false") }}
      {{- $matches := true }}
      {{- range $key, $value := $entry.selector }}
        {{- $matches = and $matches (eq (get $.labels $key | toString) $value) }}
      {{- end }}
      {{- $found = $matches | ternary $name $found }}
    {{- end }}
  {{- end }}
  {{- $found }}
{{- end }}
