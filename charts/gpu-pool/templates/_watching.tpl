{{- /*
  gpu-pool.watched  what ${…} in the alerts stand for, as JSON: the quota's name, the pools' resources in
                    the spelling of kube-state-metrics, what they offer altogether, how hot is too hot
*/}}
{{- define "gpu-pool.watched" }}
  {{- $resources := include "gpu-pool.resources" . | fromJson }}
  {{- $offered := 0 }}
  {{- range $resources }}
    {{- $offered = add $offered (int64 .) }}
  {{- end }}
  {{- dict
        "quota" (include "common.name" (dict "ctx" $ "app" "gpu-pool"))
        "kept" (keys $resources | sortAlpha | join "|" | replace "." "_" | replace "/" "_")
        "offered" $offered
        "celsius" .Values.alerts.celsius | toJson }}
{{- end }}
