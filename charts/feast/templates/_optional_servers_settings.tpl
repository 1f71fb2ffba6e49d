{{- /*
Commands, ports and probes of the optional servers, as JSON for feast.optionalServer.deployment and
feast.optionalServer.service.
  feast.registryServer  feature definitions over gRPC and, with registryServer.rest, over HTTP
  feast.offlineServer   historical features over Arrow Flight
  feast.ui              web UI
*/}}
{{- define "feast.registryServer" }}
  {{- $ports := dict "grpc" 6570 }}
  {{- $command := list "serve_registry" "--port=6570" }}
  {{- if .Values.registryServer.rest }}
    {{- $_ := set $ports "http" 6572 }}
    {{- $command = concat $command (list "--rest-api" "--rest-port=6572" "--host=0.0.0.0") }}
  {{- end }}
  {{- $alive := dict "grpc" (dict "port" 6570) }}
  {{- if .Values.tls.enabled }}
    {{- $alive = dict "tcpSocket" (dict "port" "grpc") }}
  {{- end }}
  {{- /* gRPC and HTTP are two processes. One keeps running when the other ends, so the probes check both. */}}
  {{- $other := .Values.registryServer.rest | ternary (dict "tcpSocket" (dict "port" "http")) $alive }}
  {{- $handlers := dict "startup" $other "readiness" $alive "liveness" $other }}
  {{- dict "ports" $ports "command" $command "handlers" $handlers | toJson }}
{{- end }}

{{- define "feast.offlineServer" }}
  {{- $alive := dict "tcpSocket" (dict "port" "grpc") }}
  {{- $command := list "serve_offline" "--host=0.0.0.0" "--port=8815" }}
  {{- $handlers := dict "startup" $alive "readiness" $alive "liveness" $alive }}
  {{- dict "ports" (dict "grpc" 8815) "command" $command "handlers" $handlers | toJson }}
{{- end }}

{{- define "feast.ui" }}
  {{- $get := dict "path" "/health" "port" "http" "tls" .Values.tls.enabled }}
  {{- $health := include "common.httpGet" $get | fromJson }}
  {{- $alive := dict "tcpSocket" (dict "port" "http") }}
  {{- $command := list "ui" "--host=0.0.0.0" "--port=8888" }}
  {{- with .Values.ui.rootPath }}
    {{- $command = append $command (printf "--root_path=%s" .) }}
  {{- end }}
  {{- with .Values.ui.corsOrigins }}
    {{- $command = append $command (printf "--cors-allowed-origins=%s" (join "," .)) }}
  {{- end }}
  {{- $handlers := dict "startup" $health "readiness" $health "liveness" $alive }}
  {{- $script := .Values.ui.rootPath | empty | ternary "run" "ui" }}
  {{- dict "ports" (dict "http" 8888) "script" $script "command" $command "handlers" $handlers | toJson }}
{{- end }}
