{{- /*
  ray.serviceValues  values of the chart for the Ray cluster of a RayService, as JSON. `service` is an entry of
                     .Values.services; its image is merged into .Values.image, and its worker groups replace
                     .Values.workerGroups. Takes `ctx` and `service`
  ray.serveName      name of the Service by which clients reach Ray Serve in the RayService of this name
*/}}
{{- define "ray.serviceValues" }}
  {{- include "common.need" (list "ray.serviceValues" . "ctx" "service") }}
  {{- $values := omit .ctx.Values "services" }}
  {{- with .service.image }}
    {{- $image := include "common.override" (dict "base" $values.image "over" .) | fromJson }}
    {{- $values = merge (dict "image" $image) (omit $values "image") }}
  {{- end }}
  {{- with .service.workerGroups }}
    {{- $values = merge (dict "workerGroups" .) (omit $values "workerGroups") }}
  {{- end }}
  {{- toJson $values }}
{{- end }}

{{- define "ray.serveName" }}
  {{- print . "-serve-svc" }}
{{- end }}
