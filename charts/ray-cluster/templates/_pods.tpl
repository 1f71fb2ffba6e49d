{{- /*
  ray.podTemplate  pod template of a node, for both modes. In mode kuberay KubeRay adds the command and the
                   wait for the head. `component` is head or the name of the worker group
  ray.ports        container ports that pods other than Ray nodes use. In mode kuberay the dashboard port is
                   in the head's Service instead (ray.kuberay.head), because KubeRay sets the appProtocol tcp
                   for every container port
  ray.probes       probes of /api/healthz, which reports the node's raylet, and on the head the GCS too. The workers
                   of a RayService get KubeRay's readiness probe, which also requests the proxy of Ray Serve
  ray.command      command of a node's container, with a raised limit of open files, which worker processes
                   and their connections need
*/}}
{{- define "ray.podTemplate" }}
  {{- include "common.need" (list "ray.podTemplate" . "ctx" "node" "role" "component") }}
  {{- $placement := include "ray.gpuPlacement" . | fromJson }}
  {{- $values := merge (pick .ctx.Values "podSecurityContext" "serviceAccount") $placement .node }}
  {{- $architecture := include "ray.architecture" .ctx | fromYaml }}
  {{- $_ := set $values "nodeSelector" (merge (deepCopy $values.nodeSelector) $architecture) }}
  {{- $name := include "ray.name" .ctx }}
  {{- $spread := or (eq .role "worker") (not (empty .node.topologySpreadConstraints)) }}
  {{- $me := merge (dict "app" "ray-cluster" "label" $name "values" $values "spread" $spread) . }}
  {{- /* YAML parses an unquoted `off` as false. */}}
  {{- $_ := set $me "mesh" (not (has (toString .ctx.Values.global.mesh.ray) (list "off" "false"))) }}
  {{- $image := include "ray.image" . | fromJson -}}
metadata:
  {{- include "common.podMetadata" $me | nindent 2 }}
spec:
  {{- include "common.podSpec" $me | nindent 2 }}
  {{- with .node.runtimeClassName }}
  runtimeClassName: {{ . | quote }}
  {{- end }}
  {{- with .node.resourceClaims }}
  resourceClaims:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  terminationGracePeriodSeconds: {{ .ctx.Values.terminationGracePeriodSeconds }}
  {{- with include "ray.restartPolicy" . }}
  restartPolicy: {{ . }}
  {{- end }}
  {{- with include "ray.initContainers" . }}
  initContainers:
    {{- . | nindent 4 }}
  {{- end }}
  containers:
    - name: ray-{{ .role }}
      {{- include "common.container" (merge (dict "image" $image "resources" $values.resources) $me) | nindent 6 }}
      {{- with include "ray.command" . }}
      command:
        {{- . | nindent 8 }}
      {{- end }}
      env:
        {{- include "ray.env" . | nindent 8 }}
      ports:
        {{- include "ray.ports" . | nindent 8 }}
      {{- include "common.probes" (dict
            "probes" .ctx.Values.probes
            "handlers" (include "ray.probes" . | fromYaml)) | nindent 6 }}
      volumeMounts:
        {{- include "ray.mounts" . | nindent 8 }}
    {{- with .node.extraContainers }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  volumes:
    {{- include "ray.volumes" . | nindent 4 }}
{{- end }}

{{- define "ray.ports" }}
  {{- $ports := list }}
  {{- $elsewhere := eq .ctx.Values.mode "kuberay" | ternary "dashboard" "" }}
  {{- range include "common.rayPorts" . | fromYamlArray }}
    {{- $used := has .name (list "serve" "metrics") | or (and (eq .node "head") (eq $.role "head")) }}
    {{- if and $used (ne .name $elsewhere) }}
      {{- $ports = append $ports (dict "name" .name "containerPort" .port "protocol" "TCP") }}
    {{- end }}
  {{- end }}
  {{- toYaml $ports }}
{{- end }}

{{- define "ray.probes" }}
  {{- $port := .ctx.Values.global.ray.ports.dashboardAgentHttp }}
  {{- $health := dict "httpGet" (dict "path" "/api/healthz" "port" $port) }}
  {{- $probes := dict "startup" $health "liveness" $health }}
  {{- if not (and (eq .role "worker") (eq (.kind | default "") "RayService")) }}
    {{- $_ := set $probes "readiness" $health }}
  {{- end }}
  {{- toYaml $probes }}
{{- end }}

{{- define "ray.command" }}
  {{- $storage := and .ctx.Values.gcsFaultTolerance.enabled (eq .role "head") }}
  {{- if eq .ctx.Values.mode "standalone" -}}
- bash
- -c
- ulimit -n 65536 2>/dev/null || ulimit -n "$(ulimit -Hn)"; exec "$@"
- bash
- ray
- start
- --block
    {{- if eq .role "head" }}
- --head
    {{- else }}
- --address=$(RAY_ADDRESS)
    {{- end }}
    {{- if $storage }}
- --redis-password=$(REDIS_PASSWORD)
      {{- if .ctx.Values.global.redis.existingSecret.keys.username }}
- --redis-username=$(REDIS_USERNAME)
      {{- end }}
    {{- end }}
{{ include "ray.startArgs" . }}
  {{- else if $storage }}
    {{- /* KubeRay appends its own command with the unquoted password, which the shell must not split. */ -}}
- set -f; IFS=
  {{- end }}
{{- end }}
