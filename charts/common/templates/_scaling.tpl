{{- /*
  common.podDisruptionBudget      `values.podDisruptionBudget.maxUnavailable`; a pod that is not
                                  ready never blocks a drain
  common.horizontalPodAutoscaler  `values.autoscaling`, for a `kind` (Deployment)
Both take a `name` that replaces the component's own.
*/}}
{{- define "common.podDisruptionBudget" }}
  {{- include "common.need" (list "common.podDisruptionBudget" . "ctx" "app" "values") -}}
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  {{- include "common.metadata" . | nindent 2 }}
spec:
  maxUnavailable: {{ .values.podDisruptionBudget.maxUnavailable }}
  unhealthyPodEvictionPolicy: AlwaysAllow
  selector:
    matchLabels:
      {{- include "common.selector" . | nindent 6 }}
{{- end }}

{{- define "common.horizontalPodAutoscaler" }}
  {{- include "common.need" (list "common.horizontalPodAutoscaler" . "ctx" "app" "values") -}}
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  {{- include "common.metadata" . | nindent 2 }}
spec:
  scaleTargetRef:
    apiVersion: apps/v1
    kind: {{ .kind | default "Deployment" }}
    name: {{ .name | default (include "common.name" .) }}
  {{- with .values.autoscaling }}
  minReplicas: {{ .minReplicas }}
  maxReplicas: {{ .maxReplicas }}
  metrics:
    - type: Resource
      resource:
        name: cpu
        target:
          type: Utilization
          averageUtilization: {{ .targetCPUPercent }}
  {{- end }}
{{- end }}
