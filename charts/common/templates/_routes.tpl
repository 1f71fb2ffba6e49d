{{- /*
Routes from outside the cluster to Services of a chart.
*/}}

{{- /*
common.ingress renders an Ingress. Takes `ctx`, `app`, `values` (className, annotations,
tlsSecretName) and `routes`, a list of {hosts, service, portName, path}: the host names that lead to
the named port of a Service, below a path (default /). Fails if one of the four is missing.
*/}}
{{- define "common.ingress" }}
  {{- include "common.need" (list "common.ingress" . "ctx" "app" "values" "routes") }}
  {{- $hosts := list }}
  {{- range .routes }}
    {{- $hosts = concat $hosts .hosts }}
  {{- end -}}
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  {{- include "common.metadata" (merge (dict "annotations" .values.annotations) .) | nindent 2 }}
spec:
  {{- with .values.className }}
  ingressClassName: {{ . | quote }}
  {{- end }}
  {{- with .values.tlsSecretName }}
  tls:
    - secretName: {{ . | quote }}
      hosts:
        {{- toYaml $hosts | nindent 8 }}
  {{- end }}
  rules:
    {{- range $route := .routes }}
    {{- range .hosts }}
    - host: {{ . | quote }}
      http:
        paths:
          - path: {{ $route.path | default "/" }}
            pathType: Prefix
            backend:
              service:
                name: {{ $route.service }}
                port:
                  name: {{ $route.portName }}
    {{- end }}
    {{- end }}
{{- end }}

{{- /*
common.httpRoute renders an HTTPRoute, with the default fields that the API server would add to items of lists.
Takes `ctx`, `app`, `values` (annotations, parentRefs), `hostnames`, the `service` and the number of its
`port`; `name`, which replaces the component's; and `path`, a prefix that requests must have (default: any).
Fails if one of the first six is missing.
*/}}
{{- define "common.httpRoute" }}
  {{- include "common.need" (list "common.httpRoute" . "ctx" "app" "values" "hostnames" "service" "port") }}
  {{- $gateway := dict "group" "gateway.networking.k8s.io" "kind" "Gateway" -}}
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata:
  {{- include "common.metadata" (merge (dict "annotations" .values.annotations) .) | nindent 2 }}
spec:
  parentRefs:
    {{- range .values.parentRefs }}
    {{- list (include "common.override" (dict "base" $gateway "over" .) | fromJson) | toYaml | nindent 4 }}
    {{- end }}
  hostnames:
    {{- toYaml .hostnames | nindent 4 }}
  rules:
    - backendRefs:
        - group: ""
          kind: Service
          name: {{ .service }}
          port: {{ .port }}
          weight: 1
      matches:
        - path:
            type: PathPrefix
            value: {{ .path | default "/" | quote }}
{{- end }}

{{- /*
common.routeChecks renders the problems of .Values.ingress and .Values.httpRoute: no host, no
gateway, no Gateway API. Takes `ctx`, and `hosts`, which maps a section to the keys that may hold
its host names (default: ingress.hosts, httpRoute.hostnames), and `path`, a prefix of the paths in messages. Fails
without `ctx`.
*/}}
{{- define "common.routeChecks" }}
  {{- include "common.need" (list "common.routeChecks" . "ctx") }}
  {{- $values := .ctx.Values }}
  {{- $hosts := .hosts | default (dict "ingress" (list "hosts") "httpRoute" (list "hostnames")) }}
  {{- range $path := list "ingress.hosts" "httpRoute.parentRefs" "httpRoute.hostnames" }}
    {{- $section := splitList "." $path | first }}
    {{- $key := splitList "." $path | last }}
    {{- $given := list }}
    {{- range eq $key "parentRefs" | ternary (list $key) (get $hosts $section) }}
      {{- $given = concat $given (get (get $values $section) . | default list) }}
    {{- end }}
    {{- if and (get $values $section).enabled (not $given) }}
      {{- include "common.problem" (dict
            "path" (printf "%s%s" ($.path | default "") $path)
            "wrong" (printf "the list is empty, and %s%s.enabled is true" ($.path | default "") $section)
            "write" "write at least one entry") }}
    {{- end }}
  {{- end }}
  {{- if $values.httpRoute.enabled }}
    {{- include "common.needsApi" (dict
          "ctx" .ctx
          "api" "gateway.networking.k8s.io/v1"
          "path" (printf "%shttpRoute.enabled" (.path | default ""))
          "install" "the Gateway API's CRDs") }}
  {{- end }}
{{- end }}
