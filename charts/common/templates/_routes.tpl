{{- /*
Ways in from outside the cluster, to the Service named `service` at its `port` (number and name).
  common.ingress      an Ingress for `values`: className, annotations, hosts, tlsSecretName
  common.httpRoute    an HTTPRoute for `values`: annotations, parentRefs, hostnames
  common.routeChecks  problems of .Values.ingress and .Values.httpRoute: no host, no gateway, no API
*/}}
{{- define "common.ingress" }}
  {{- include "common.need" (list "common.ingress" . "ctx" "app" "values" "service" "portName") }}
  {{- $route := . -}}
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  {{- include "common.metadata" (merge (dict "annotations" .values.annotations) .) | nindent 2 }}
spec:
  {{- with .values.className }}
  ingressClassName: {{ . | quote }}
  {{- end }}
  {{- if .values.tlsSecretName }}
  tls:
    - secretName: {{ .values.tlsSecretName | quote }}
      hosts:
        {{- toYaml .values.hosts | nindent 8 }}
  {{- end }}
  rules:
    {{- range .values.hosts }}
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

{{- define "common.httpRoute" }}
  {{- include "common.need" (list "common.httpRoute" . "ctx" "app" "values" "service" "port") -}}
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata:
  {{- include "common.metadata" (merge (dict "annotations" .values.annotations) .) | nindent 2 }}
spec:
  parentRefs:
    {{- toYaml .values.parentRefs | nindent 4 }}
  hostnames:
    {{- toYaml .values.hostnames | nindent 4 }}
  rules:
    - matches:
        - path:
            type: PathPrefix
            value: {{ .path | default "/" | quote }}
      backendRefs:
        - name: {{ .service }}
          port: {{ .port }}
{{- end }}

{{- define "common.routeChecks" }}
  {{- include "common.need" (list "common.routeChecks" . "ctx") }}
  {{- $values := .ctx.Values }}
  {{- range $path := list "ingress.hosts" "httpRoute.parentRefs" "httpRoute.hostnames" }}
    {{- $step := splitList "." $path }}
    {{- $route := index $values (first $step) }}
    {{- if and $route.enabled (not (index $route (last $step))) }}
      {{- include "common.problem" (dict
            "path" $path
            "wrong" (printf "%s.enabled is true, and this is empty" (first $step))
            "write" "write at least one") }}
    {{- end }}
  {{- end }}
  {{- if $values.httpRoute.enabled }}
    {{- include "common.needsApi" (dict
          "ctx" .ctx
          "api" "gateway.networking.k8s.io/v1"
          "path" "httpRoute.enabled"
          "install" "the Gateway API's CRDs") }}
  {{- end }}
{{- end }}
