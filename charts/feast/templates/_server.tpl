{{- /*
The feature servers. Both protocols are containers of one pod, since one Service leads to both; each
is a process with its own life, probes and resources.
  feast.server.name  name of the Deployment and the Service
  feast.http         the HTTP server's command. Its workers are never replaced by count, which would
                     cut off clients in the midst of a request.
  feast.grpc         the gRPC server's command
  feast.tlsOptions   --key and --cert of any server, where TLS is on
  feast.probes       probes of the HTTP server. It is ready when it has the registry in memory,
                     and alive as long as it listens: a store that is away must not restart it.
  feast.measured     "true" if the servers serve metrics, else empty
  feast.drain        preStop of a server: requests come until every node knows that it stops
  feast.leave        the same of the HTTP server, which has its clients leave meanwhile
  feast.scheme       http or https
*/}}
{{- define "feast.server.name" }}
  {{- printf "%s-server" (include "common.name" (dict "ctx" $ "app" "feast")) }}
{{- end }}

{{- define "feast.http" -}}
- python
- /scripts/serve.py
- --host=0.0.0.0
- --port=6566
- --workers={{ .Values.workers }}
- --max-requests=0
- --keep-alive-timeout={{ .Values.keepAliveSeconds }}
- --registry_ttl_sec={{ .Values.registry.refreshSeconds }}
  {{- if not .Values.accessLog }}
- --no-access-log
  {{- end }}
  {{- if include "feast.measured" . }}
- --metrics
  {{- end }}
  {{- include "feast.tlsOptions" . }}
  {{- with .Values.extraArgs }}
{{ toYaml . }}
  {{- end }}
{{- end }}

{{- define "feast.grpc" -}}
- python
- /scripts/listen.py
- --port=6567
- --threads={{ .Values.grpc.threads }}
- --refresh-seconds={{ .Values.registry.refreshSeconds }}
- --finish-seconds={{ .Values.drain.finishSeconds }}
{{- end }}

{{- define "feast.tlsOptions" }}
  {{- if .Values.tls.enabled }}
- --key=/etc/ssl/server/tls.key
- --cert=/etc/ssl/server/tls.crt
  {{- end }}
{{- end }}

{{- define "feast.probes" }}
  {{- $get := dict "path" "/health" "port" "http" }}
  {{- if .Values.tls.enabled }}
    {{- $_ := set $get "scheme" "HTTPS" }}
  {{- end }}
  {{- $health := dict "httpGet" $get }}
  {{- dict "startup" $health "readiness" $health "liveness" (dict "tcpSocket" (dict "port" "http")) | toYaml }}
{{- end }}

{{- define "feast.measured" }}
  {{- or .Values.metrics.enabled .Values.global.monitoring.enabled | ternary "true" "" }}
{{- end }}

{{- define "feast.drain" -}}
preStop:
  sleep:
    seconds: {{ .Values.drain.propagationSeconds }}
{{- end }}

{{- define "feast.leave" -}}
preStop:
  exec:
    command: [sh, -c, "touch /tmp/stopping; sleep {{ .Values.drain.propagationSeconds }}"]
{{- end }}

{{- define "feast.scheme" }}
  {{- ternary "https" "http" .Values.tls.enabled }}
{{- end }}
