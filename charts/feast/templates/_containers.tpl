{{- /*
  feast.strategy        update strategy of the servers' Deployments: a new pod becomes ready before an
                        old one stops, unless the registry is a volume that one server at a time mounts
  feast.initContainers  init containers of the feature servers: containers that wait for the stores and fetch
                        the feature repository, then extraInitContainers
  feast.grpcContainer   container of the gRPC server
*/}}
{{- define "feast.strategy" }}
  {{- if eq .Values.registry.store "file" -}}
type: Recreate
  {{- else -}}
rollingUpdate:
  maxSurge: 1
  maxUnavailable: 0
  {{- end }}
{{- end }}

{{- define "feast.initContainers" }}
  {{- with include "feast.waitConditions" . | fromJsonArray }}
    {{- include "feast.wait" (dict "ctx" $ "app" "feast" "for" .) }}
  {{- end }}
  {{- include "feast.repository.fetch" . | nindent 0 }}
  {{- with .Values.extraInitContainers }}
    {{- toYaml . | nindent 0 }}
  {{- end }}
{{- end }}

{{- define "feast.grpcContainer" }}
  {{- $alive := dict "grpc" (dict "port" 6567) -}}
- name: feast-grpc
  {{- include "common.container" (dict "ctx" $ "image" .Values.image "resources" .Values.grpc.resources) | nindent 2 }}
  command:
    {{- include "feast.grpcCommand" . | nindent 4 }}
  env:
    {{- include "feast.serverEnv" . | nindent 4 }}
  ports:
    - name: grpc
      containerPort: 6567
  {{- include "common.probes" (dict
        "probes" .Values.probes
        "handlers" (dict "startup" $alive "readiness" $alive "liveness" $alive)) | nindent 2 }}
  lifecycle:
    {{- include "feast.drain" . | nindent 4 }}
  volumeMounts:
    {{- include "feast.mounts" (dict "ctx" $ "container" "server") | nindent 4 }}
{{- end }}
