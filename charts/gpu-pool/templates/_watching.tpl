{{- /*
  gpu-pool.alertValues  values of the placeholders ${…} in alerts/*.yaml, as JSON: quota (name of the
                        ResourceQuota), resources (regular expression of the pools' resources, as named by
                        kube-state-metrics), offered (the sum of the GPUs, or shares of GPUs, of all pools),
                        celsius (threshold)
*/}}
{{- define "gpu-pool.alertValues" }}
  {{- $resources := include "gpu-pool.resources" . | fromJson }}
  {{- $offered := 0 }}
  {{- range $resources }}
    {{- $offered = add $offered (int64 .) }}
  {{- end }}
  {{- dict
        "quota" (include "common.name" (dict "ctx" $ "app" "gpu-pool"))
        "resources" (keys $resources | sortAlpha | join "|" | replace "." "_" | replace "/" "_")
        "offered" $offered
        "celsius" .Values.alerts.celsius | toJson }}
{{- end }}
