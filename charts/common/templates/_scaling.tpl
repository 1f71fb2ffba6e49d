{{- /*
common.podDisruptionBudget renders a PodDisruptionBudget with `values.podDisruptionBudget`. A pod
that is not ready never blocks a drain. Takes `ctx`, `app`, `component`, `values` and `name`
(default: the component's), and fails without `ctx`, `app` or `values`.
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

{{- /*
common.horizontalPodAutoscaler renders a HorizontalPodAutoscaler with `values.autoscaling`. Takes the
parameters of common.podDisruptionBudget, and the `kind` of the workload (default Deployment); fails without
`ctx`, `app` or `values`.
*/}}
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
    {{- with .behavior }}
  behavior:
    {{- toYaml . | nindent 4 }}
    {{- end }}
  {{- end }}
{{- end }}

{{- /*
common.replicas renders {most, lower} of a server as JSON: `most` is the highest number of the server's pods,
`lower` the value that limits this number (autoscaling.maxReplicas or replicas). Takes `ctx`, and fails
without it.
*/}}
{{- define "common.replicas" }}
  {{- include "common.need" (list "common.replicas" . "ctx") }}
  {{- with .ctx.Values }}
    {{- $scaled := dict "most" .autoscaling.maxReplicas "lower" "autoscaling.maxReplicas" }}
    {{- $fixed := dict "most" .replicas "lower" "replicas" }}
    {{- .autoscaling.enabled | ternary $scaled $fixed | toJson }}
  {{- end }}
{{- end }}
