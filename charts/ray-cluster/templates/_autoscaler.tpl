{{- /*
The autoscaler container, which KubeRay adds to the head pod.
  ray.kuberay.autoscaler     autoscalerOptions of a RayCluster. The container meets the Pod Security Standard
                             "restricted", and is the only one of the pod that mounts an API token
  ray.kuberay.autoscalerEnv  the chart's environment variables of the container, as a YAML list
*/}}
{{- define "ray.kuberay.autoscalerEnv" -}}
- name: HOME
  value: /tmp
- name: AUTOSCALER_METRIC_PORT
  value: {{ .Values.global.ray.ports.autoscalerMetrics | quote }}
{{- end }}

{{- define "ray.kuberay.autoscaler" }}
  {{- with .Values.autoscaling }}
    {{- /* KubeRay implements only v2 in this field. For v1, ray.nodeEnv sets a variable of the head instead: KubeRay
    refuses the variable together with this field. */}}
    {{- if eq .version "v2" }}
version: v2
    {{- end }}
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
