{{- /*
254carbon.checks.routes renders a problem for each host name that is in routes of two charts, if the path of one is
below the path of the other or equal. Two routes of one kind must also use the same ingress class or Gateway. Each chart
compares its own routes. Takes the root context.
*/}}
{{- define "254carbon.checks.routes" }}
  {{- $others := list }}
  {{- range $section, $key := dict "ingress" "hosts" "httpRoute" "hostnames" }}
    {{- range $route := include "254carbon.routes" (dict "ctx" $ "section" $section "key" $key) | fromJsonArray }}
      {{- range $other := $others }}
        {{- $below := or (hasPrefix $route.path $other.path) (hasPrefix $other.path $route.path) }}
        {{- $shared := ne $route.section $other.section }}
        {{- range $route.entries }}
          {{- $shared = or $shared (has . $other.entries) }}
        {{- end }}
        {{- if and (eq $route.host $other.host) (ne $route.chart $other.chart) $shared $below }}
          {{- include "common.problem" (dict
                "path" $route.key
                "wrong" (printf "the host name %s (path %s) is also in %s (path %s), which is routed to another Service"
                  $route.host $route.path $other.key $other.path)
                "write" "write another host name") }}
        {{- end }}
      {{- end }}
      {{- $others = append $others $route }}
    {{- end }}
  {{- end }}
{{- end }}

{{- /*
254carbon.routes renders the routes of the enabled charts as a JSON list of {chart, section, key, host, path, entries}:
`key` is the values key of the host name, `path` ends with a slash, and `entries` are the ingress class or the Gateways.
Takes `ctx`, `section` (ingress or httpRoute) and `key`, the key of its host names.
*/}}
{{- define "254carbon.routes" }}
  {{- $lists := list }}
  {{- with .ctx.Subcharts.mlflow }}
    {{- $lists = append $lists (dict "chart" "mlflow" "values" .Values "key" $.key "path" .Values.staticPrefix) }}
  {{- end }}
  {{- with .ctx.Subcharts.feast }}
    {{- $ui := eq $.key "hosts" | ternary "uiHosts" "uiHostnames" }}
    {{- $lists = append $lists (dict "chart" "feast" "values" .Values "key" $.key "path" "") }}
    {{- $lists = append $lists (dict "chart" "feast" "values" .Values "key" $ui "path" .Values.ui.rootPath) }}
  {{- end }}
  {{- with index .ctx.Subcharts "ray-cluster" }}
    {{- $lists = append $lists (dict "chart" "ray-cluster" "values" .Values "key" $.key "path" "") }}
    {{- range $name, $values := .Values.services }}
      {{- $at := print "services." $name "." }}
      {{- $lists = append $lists (dict "chart" "ray-cluster" "at" $at "values" $values "key" $.key "path" "") }}
    {{- end }}
  {{- end }}
  {{- $routes := list }}
  {{- range $list := $lists }}
    {{- $values := get .values $.section | default dict }}
    {{- $entries := eq $.section "ingress" | ternary (list ($values.className | default "")) $values.parentRefs }}
    {{- range empty $values.enabled | ternary list (get $values .key | default list) }}
      {{- $routes = append $routes (dict
            "chart" $list.chart
            "section" $.section
            "key" (printf "%s.%s%s.%s" $list.chart ($list.at | default "") $.section $list.key)
            "host" (lower .)
            "path" (print ($list.path | default "" | trimSuffix "/") "/")
            "entries" ($entries | default list)) }}
    {{- end }}
  {{- end }}
  {{- $routes | toJson }}
{{- end }}
