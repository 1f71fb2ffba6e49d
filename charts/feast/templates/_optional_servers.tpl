{{- /*
The servers that are disabled by default: registry, offline store, UI.
  feast.optionalServer.deployment  Deployment of one server. `component` is its name, `server` its
                                   section of the values, `command` the arguments of `feast`, `ports`
                                   maps port names to numbers, `handlers` are those of its probes,
                                   `script` is the name of the script that runs `feast` (default: run).
  feast.optionalServer.service     Service with the same `component` and `ports`
Feast's programs ignore SIGTERM when they run as process 1, so the pod shares one process namespace.
*/}}
{{- define "feast.optionalServer.deployment" }}
  {{- $keys := list "ctx" "component" "server" "command" "ports" "handlers" }}
  {{- include "common.need" (concat (list "feast.optionalServer.deployment" .) $keys) }}
  {{- $values := .ctx.Values }}
  {{- $me := dict "ctx" .ctx "app" "feast" "component" .component "values" $values -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  {{- include "common.metadata" $me | nindent 2 }}
spec:
  replicas: {{ .server.replicas }}
  selector:
    matchLabels:
      {{- include "common.selector" $me | nindent 6 }}
  strategy:
    {{- include "feast.strategy" .ctx | nindent 4 }}
  template:
    metadata:
      {{- include "common.podMetadata" (merge (dict
            "checksum" (include "feast.serverChecksum" .ctx)) $me) | nindent 6 }}
    spec:
      {{- include "common.podSpec" (merge (dict
            "spread" true
            "token" (include "feast.auth.verifiesTokens" .ctx | empty | not)) $me) | nindent 6 }}
      shareProcessNamespace: true
      terminationGracePeriodSeconds: {{ add $values.drain.propagationSeconds 25 }}
      initContainers:
        {{- include "feast.wait" (dict
              "ctx" .ctx
              "app" "feast"
              "for" (include "feast.waitConditions" .ctx | fromJsonArray)) | nindent 8 }}
        {{- include "feast.repository.fetch" .ctx | nindent 8 }}
      containers:
        - name: {{ .component }}
          {{- include "common.container" (merge (dict
                "image" $values.image
                "resources" .server.resources) $me) | nindent 10 }}
          command:
            {{- $tls := include "feast.tlsOptions" .ctx | fromYamlArray }}
            {{- $script := printf "/scripts/%s.py" (.script | default "run") }}
            {{- concat (list "python" $script) .command $tls | toYaml | nindent 12 }}
          env:
            {{- include "feast.storeEnv" .ctx | nindent 12 }}
          ports:
            {{- range $name, $port := .ports }}
            - name: {{ $name }}
              containerPort: {{ $port }}
            {{- end }}
          {{- include "common.probes" (dict "probes" $values.probes "handlers" .handlers) | nindent 10 }}
          lifecycle:
            {{- include "feast.drain" .ctx | nindent 12 }}
          volumeMounts:
            {{- include "feast.mounts" (dict "ctx" .ctx "container" "server") | nindent 12 }}
      volumes:
        {{- $kinds := list "server" "storeClient" "repository" }}
        {{- include "feast.volumes" (dict "ctx" .ctx "containers" $kinds) | nindent 8 }}
{{- end }}

{{- define "feast.optionalServer.service" }}
  {{- include "common.need" (list "feast.optionalServer.service" . "ctx" "component" "ports") }}
  {{- $me := dict "ctx" .ctx "app" "feast" "component" .component -}}
apiVersion: v1
kind: Service
metadata:
  {{- include "common.metadata" $me | nindent 2 }}
spec:
  ports:
    {{- range $name, $port := .ports }}
    - name: {{ $name }}
      port: {{ $port }}
      targetPort: {{ $name }}
      appProtocol: {{ eq $name "http" | ternary (include "feast.scheme" $.ctx) $name }}
    {{- end }}
  selector:
    {{- include "common.selector" $me | nindent 4 }}
{{- end }}
