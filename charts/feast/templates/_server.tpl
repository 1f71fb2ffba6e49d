{{- /*
The feature servers. HTTP and gRPC are two containers of one pod, because one Service exposes both.
  feast.server.name     name of the Deployment and the Service
  feast.httpCommand     command of the HTTP server. --max-requests=0 keeps workers running: replacing a
                        worker after a number of requests would interrupt open requests.
  feast.grpcCommand     command of the gRPC server
  feast.tlsOptions      --key and --cert of any server, if TLS is enabled
  feast.probes          probes of the HTTP server. /health succeeds once the registry is in memory.
                        Liveness only needs the open port: an unavailable store must not restart servers.
  feast.metricsEnabled  "true" if the servers expose metrics, else empty
  feast.drain           preStop hook: the server takes requests until every node stops sending them
  feast.httpDrain       preStop hook of the HTTP server, which also closes its clients' connections
  feast.scheme          http or https
*/}}
{{- define "feast.server.name" }}
  {{- printf "%s-server" (include "common.name" (dict "ctx" $ "app" "feast")) }}
{{- end }}

{{- define "feast.httpCommand" -}}
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
  {{- if include "feast.metricsEnabled" . }}
- --metrics
  {{- end }}
  {{- include "feast.tlsOptions" . }}
  {{- with .Values.extraArgs }}
{{ toYaml . }}
  {{- end }}
{{- end }}

{{- define "feast.grpcCommand" -}}
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
  {{- $get := dict "path" "/health" "port" "http" "tls" .Values.tls.enabled }}
  {{- $health := include "common.httpGet" $get | fromJson }}
  {{- dict "startup" $health "readiness" $health "liveness" (dict "tcpSocket" (dict "port" "http")) | toYaml }}
{{- end }}

{{- define "feast.metricsEnabled" }}
  {{- or .Values.metrics.enabled .Values.global.monitoring.enabled | ternary "true" "" }}
{{- end }}

{{- define "feast.drain" -}}
preStop:
  sleep:
    seconds: {{ .Values.drain.propagationSeconds }}
{{- end }}

{{- define "feast.httpDrain" -}}
preStop:
  exec:
    command: [sh, -c, "touch /tmp/stopping; sleep {{ .Values.drain.propagationSeconds }}"]
{{- end }}

{{- define "feast.scheme" }}
  {{- ternary "https" "http" .Values.tls.enabled }}
{{- end }}
