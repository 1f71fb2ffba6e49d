{{- /*
A RayCluster's spec, for the cluster and for those of RayServices.
  ray.kuberay.spec        all of it; KubeRay allows `upgradeStrategy` only in a RayCluster itself
  ray.kuberay.params      rayStartParams: a shell reads them, so JSON is quoted
  ray.kuberay.head        headGroupSpec
  ray.kuberay.workers     workerGroupSpecs
  ray.kuberay.autoscaler  autoscalerOptions: its container is restricted like all, and the only one
                          that mounts the API server's token
  ray.kuberay.autoscalerEnv  the chart's part of its environment
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
  {{- $me := dict "ctx" $ "app" "ray-cluster" "component" "head" "label" (include "ray.name" .) "node" .Values.head "role" "head" -}}
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
    {{- $me := dict "ctx" $ "app" "ray-cluster" "component" $name "label" (include "ray.name" $) "node" $group "role" "worker" }}
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

{{- define "ray.kuberay.autoscalerEnv" -}}
- name: HOME
  value: /tmp
- name: AUTOSCALER_METRIC_PORT
  value: {{ .Values.global.ray.ports.autoscalerMetrics | quote }}
{{- end }}

{{- define "ray.kuberay.autoscaler" }}
  {{- with .Values.autoscaling -}}
version: {{ .version }}
upscalingMode: {{ .upscalingMode }}
idleTimeoutSeconds: {{ .idleTimeoutSeconds }}
imagePullPolicy: {{ $.Values.image.pullPolicy }}
resources:
  {{- toYaml .resources | nindent 2 }}
securityContext:
  {{- include "common.containerSecurityContext" $ | nindent 2 }}
env:
  {{- include "common.env" (dict "env" (include "ray.kuberay.autoscalerEnv" $) "extra" .extraEnv) | nindent 2 }}
volumeMounts:
  {{- include "common.mounts" (dict
        "ctx" $
        "files" "ray.files"
        "input" (dict "ctx" $ "node" $.Values.head)
        "container" "autoscaler") | nindent 2 }}
  {{- end }}
{{- end }}
