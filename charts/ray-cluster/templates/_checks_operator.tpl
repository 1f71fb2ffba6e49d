{{- /*
  ray.checks.operator   kuberay.operatorVersion supports every field that is set. The CRD of an older KubeRay
                        rejects a RayCluster with an unknown field, or drops the field
  ray.checks.since      KubeRay supports the field at `path`, which the version `since` introduced
  ray.checks.extraSpec  kuberay.extraSpec has no field that the chart sets from other values
*/}}
{{- define "ray.checks.operator" }}
  {{- $used := dict }}
  {{- $introduced := dict "networkPolicy" "1.7.0" "tlsOptions" "1.7.0" "historyServerOptions" "1.7.0" }}
  {{- range $field, $_ := .Values.kuberay.extraSpec }}
    {{- $_ := set $used (printf "kuberay.extraSpec.%s" $field) (get $introduced $field | default "1.0.0") }}
  {{- end }}
  {{- $_ := set $used "kuberay.upgradeStrategy" "1.6.0" }}
  {{- if .Values.auth.enabled }}
    {{- $_ := set $used "auth.enabled" "1.5.1" }}
  {{- end }}
  {{- if .Values.gcsFaultTolerance.enabled }}
    {{- $_ := set $used "gcsFaultTolerance.enabled" "1.3.0" }}
  {{- end }}
  {{- range $path, $since := $used }}
    {{- include "ray.checks.since" (dict "ctx" $ "path" $path "since" $since) }}
  {{- end }}
{{- end }}

{{- define "ray.checks.since" }}
  {{- $version := .ctx.Values.kuberay.operatorVersion }}
  {{- if semverCompare (printf "<%s-0" .since) $version }}
    {{- include "common.problem" (dict
          "path" .path
          "wrong" (printf "KubeRay %s does not support the field, which KubeRay %s introduced" $version .since)
          "write" "remove the key, or upgrade the operator and write its version as kuberay.operatorVersion") }}
  {{- end }}
{{- end }}

{{- define "ray.checks.extraSpec" }}
  {{- $extra := .Values.kuberay.extraSpec }}
  {{- $owned := dict
        "authOptions" "auth"
        "enableInTreeAutoscaling" "autoscaling.enabled"
        "gcsFaultToleranceOptions" "gcsFaultTolerance and global.redis"
        "headGroupSpec" "head"
        "headServiceAnnotations" "head.service.annotations"
        "rayVersion" "rayVersion"
        "suspend" "kuberay.suspend"
        "upgradeStrategy" "kuberay.upgradeStrategy"
        "workerGroupSpecs" "workers and workerGroups"
        "autoscalerOptions.env" "autoscaling.extraEnv"
        "autoscalerOptions.idleTimeoutSeconds" "autoscaling.idleTimeoutSeconds"
        "autoscalerOptions.imagePullPolicy" "image.pullPolicy"
        "autoscalerOptions.resources" "autoscaling.resources"
        "autoscalerOptions.securityContext" "podSecurityContext"
        "autoscalerOptions.upscalingMode" "autoscaling.upscalingMode"
        "autoscalerOptions.version" "autoscaling.version"
        "autoscalerOptions.volumeMounts" "head.extraVolumeMounts" }}
  {{- range $field, $key := $owned }}
    {{- $at := hasPrefix "autoscalerOptions." $field | ternary ($extra.autoscalerOptions | default dict) $extra }}
    {{- if hasKey $at (trimPrefix "autoscalerOptions." $field) }}
      {{- include "common.problem" (dict
            "path" (printf "kuberay.extraSpec.%s" $field)
            "wrong" "the chart sets this field of the RayCluster itself"
            "write" (printf "remove the field, and write %s" $key)) }}
    {{- end }}
  {{- end }}
  {{- if and $extra.autoscalerOptions (not .Values.autoscaling.enabled) }}
    {{- include "common.problem" (dict
          "path" "kuberay.extraSpec.autoscalerOptions"
          "wrong" "autoscaling.enabled is false, so there is no autoscaler"
          "write" "remove the field, or write autoscaling.enabled: true") }}
  {{- end }}
{{- end }}
