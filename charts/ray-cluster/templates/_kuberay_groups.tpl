{{- /*
Groups of pods in the spec of a RayCluster. Both templates of groups take `ctx` and `kind`.
  ray.kuberay.head     headGroupSpec
  ray.kuberay.workers  workerGroupSpecs
  ray.kuberay.params   rayStartParams, with values quoted where the shell in which KubeRay starts Ray needs it
*/}}
{{- define "ray.kuberay.head" }}
  {{- $values := .ctx.Values }}
  {{- $service := eq .kind "RayCluster" | ternary $values.head.service dict }}
  {{- $me := merge (dict
        "app" "ray-cluster"
        "component" "head"
        "label" (include "ray.name" .ctx)
        "node" $values.head
        "role" "head") . -}}
headService:
  metadata:
    labels:
      {{- /* Without the chart's version: KubeRay replaces the cluster of a RayService if its spec changes. */}}
      {{- include "common.podLabels" $me | nindent 6 }}
    {{- with $service.annotations }}
    annotations:
      {{- toYaml . | nindent 6 }}
    {{- end }}
  spec:
    {{- with $service.type }}
    type: {{ . }}
    {{- end }}
    publishNotReadyAddresses: true
    ports:
      - name: dashboard
        port: {{ $values.global.ray.ports.dashboard }}
        protocol: TCP
        appProtocol: http
rayStartParams:
  {{- include "ray.kuberay.params" $me | nindent 2 }}
  {{- with $values.head.rayLabels }}
labels:
  {{- toYaml . | nindent 2 }}
  {{- end }}
template:
  {{- include "ray.podTemplate" $me | nindent 2 }}
{{- end }}

{{- define "ray.kuberay.workers" }}
  {{- $scaled := .ctx.Values.autoscaling.enabled }}
  {{- range $name, $group := include "ray.groups" .ctx | fromJson }}
    {{- $me := merge (dict
          "app" "ray-cluster"
          "component" $name
          "label" (include "ray.name" $.ctx)
          "node" $group
          "role" "worker") $ }}
- groupName: {{ $name }}
  replicas: {{ $group.replicas }}
    {{- if $scaled }}
  minReplicas: {{ $group.minReplicas }}
  maxReplicas: {{ $group.maxReplicas }}
      {{- with $group.idleTimeoutSeconds }}
  idleTimeoutSeconds: {{ . }}
      {{- end }}
      {{- with $group.priority }}
  priority: {{ . }}
      {{- end }}
    {{- else }}
  minReplicas: {{ $group.replicas }}
  maxReplicas: {{ $group.replicas }}
    {{- end }}
  numOfHosts: {{ $group.numOfHosts }}
  {{- /* KubeRay adds this field to the list of groups. An upgrade that removes the field changes the RayCluster without
         a change of its status. KubeRay 1.6 does not raise observedGeneration then, and helm upgrade --wait waits for
         it. */}}
  scaleStrategy: {}
  rayStartParams:
    {{- include "ray.kuberay.params" $me | nindent 4 }}
    {{- with $group.rayLabels }}
  labels:
    {{- toYaml . | nindent 4 }}
    {{- end }}
  template:
    {{- include "ray.podTemplate" $me | nindent 4 }}
  {{- end }}
{{- end }}

{{- define "ray.kuberay.params" }}
  {{- $params := include "ray.startParams" . | fromJson }}
  {{- range $option, $value := $params }}
    {{- if not (regexMatch "^[-A-Za-z0-9_./:@%+,=]*$" $value) }}
      {{- $_ := set $params $option (printf "'%s'" ($value | replace "'" "'\"'\"'")) }}
    {{- end }}
  {{- end }}
  {{- toYaml $params }}
{{- end }}
