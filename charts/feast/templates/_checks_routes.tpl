{{- /*
  feast.checks.routes  renders the problems of Ingress and HTTPRoute: no host, no gateway, one host for two servers,
                       and a host for the disabled UI
*/}}
{{- define "feast.checks.routes" }}
  {{- $hosts := dict "ingress" (list "hosts" "uiHosts") "httpRoute" (list "hostnames" "uiHostnames") }}
  {{- include "common.routeChecks" (dict "ctx" $ "hosts" $hosts) }}
  {{- range $section, $keys := $hosts }}
    {{- range $other, $uiKeys := $hosts }}
      {{- $servers := printf "%s.%s" $section (first $keys) }}
      {{- $ui := printf "%s.%s" $other (last $uiKeys) }}
      {{- if and (index $.Values $section).enabled (index $.Values $other).enabled }}
        {{- include "common.hostChecks" (dict "lists" (dict
              $servers (index $.Values $section (first $keys))
              $ui (index $.Values $other (last $uiKeys)))) }}
      {{- end }}
    {{- end }}
  {{- end }}
  {{- range $path := list "ingress.uiHosts" "httpRoute.uiHostnames" }}
    {{- $values := index $.Values (index (splitList "." $path) 0) }}
    {{- if and $values.enabled (index $values (index (splitList "." $path) 1)) (not $.Values.ui.enabled) }}
      {{- include "common.problem" (dict
            "path" $path
            "wrong" "the hosts route to the UI, and ui.enabled is false"
            "write" "write an empty list, or set ui.enabled: true") }}
    {{- end }}
  {{- end }}
{{- end }}
