{{- /*
The spec of a RayCluster, and of the RayCluster in a RayService.
  ray.kuberay.spec     the spec without suspend and upgradeStrategy, which KubeRay rejects in a RayService
  ray.kuberay.params   rayStartParams, with JSON values quoted for the shell in which KubeRay starts Ray
  ray.kuberay.head     headGroupSpec
  ray.kuberay.workers  workerGroupSpecs
*/}}
{{- define "ray.kuberay.spec" }}
  {{- $values := .Values -}}
rayVersion: {{ .Values.rayVersion | quote }}
  {{- if .Values.autoscaling.enabled }}
enableInTreeAutoscaling: true
autoscalerOptions:
  {{- include "ray.kuberay.autoscaler" . | nindent 2 }}
  {{- end }}
  {{- if .Values.gcsFaultTolerance.enabled }}
gcsFaultToleranceOptions:
  redisAddress: {{ include "ray.redisAddress" . }}
  redisPassword:
    valueFrom:
      secretKeyRef:
        name: {{ .Values.global.redis.existingSecret.name | quote }}
        key: {{ .Values.global.redis.existingSecret.keys.password }}
  externalStorageNamespace: {{ include "ray.storageName" . }}
  {{- end }}
  {{- if .Values.auth.enabled }}
authOptions:
  mode: token
  secretName: {{ .Values.auth.existingSecret.name | quote }}
  {{- end }}
headGroupSpec:
  {{- include "ray.kuberay.head" . | nindent 2 }}
workerGroupSpecs:
  {{- include "ray.kuberay.workers" . | trim | nindent 2 }}
{{- end }}

{{- define "ray.kuberay.params" }}
  {{- $params := include "ray.startParams" . | fromJson }}
  {{- with $params.resources }}
    {{- $_ := set $params "resources" (printf "'%s'" .) }}
  {{- end }}
  {{- toYaml $params }}
{{- end }}

{{- define "ray.kuberay.head" }}
  {{- $me := dict
        "ctx" $
        "app" "ray-cluster"
        "component" "head"
        "label" (include "ray.name" .)
        "node" .Values.head
        "role" "head" -}}
headService:
  metadata:
    labels:
      {{- include "common.labels" $me | nindent 6 }}
  spec:
    publishNotReadyAddresses: true
    ports:
      - name: dashboard
        port: {{ .Values.global.ray.ports.dashboard }}
        appProtocol: http
rayStartParams:
  {{- include "ray.kuberay.params" $me | nindent 2 }}
  {{- with .Values.head.rayLabels }}
labels:
  {{- toYaml . | nindent 2 }}
  {{- end }}
template:
  {{- include "ray.podTemplate" $me | nindent 2 }}
{{- end }}

{{- define "ray.kuberay.workers" }}
  {{- range $name, $group := include "ray.groups" . | fromJson }}
    {{- $me := dict
          "ctx" $
          "app" "ray-cluster"
          "component" $name
          "label" (include "ray.name" $)
          "node" $group
          "role" "worker" }}
- groupName: {{ $name }}
  replicas: {{ $group.replicas }}
    {{- if $.Values.autoscaling.enabled }}
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
