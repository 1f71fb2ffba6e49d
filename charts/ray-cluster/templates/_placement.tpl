{{- /*
  ray.placed         what a GPU pool adds to a node's values, as JSON: resources, nodeSelector,
                     tolerations; nothing for a node without one
  ray.restartPolicy  KubeRay's second autoscaler makes pods anew itself
  ray.inits          init containers: a worker waits for the head, which KubeRay sees to itself
*/}}
{{- define "ray.placed" }}
  {{- $pool := (.node.gpu | default dict).pool }}
  {{- if $pool }}
    {{- $of := dict "ctx" .ctx "pool" $pool }}
    {{- $gpus := dict (include "common.gpuPool.resource" $of) (toString .node.gpu.count) }}
    {{- dict
          "resources" (merge (dict "requests" (deepCopy $gpus) "limits" $gpus) (deepCopy .node.resources))
          "nodeSelector" (merge (include "common.gpuPool.selector" $of | fromYaml) .node.nodeSelector)
          "tolerations" (concat .node.tolerations (include "common.gpuPool.tolerations" $of | fromYamlArray)) | toJson }}
  {{- else }}
    {{- pick .node "resources" | toJson }}
  {{- end }}
{{- end }}

{{- define "ray.restartPolicy" }}
  {{- $scaled := and .ctx.Values.autoscaling.enabled (eq .ctx.Values.autoscaling.version "v2") }}
  {{- $scaled | ternary "Never" .node.restartPolicy }}
{{- end }}

{{- define "ray.inits" }}
  {{- if eq .ctx.Values.mode "standalone" | and (eq .role "worker") }}
    {{- include "common.waitContainer" (dict
          "ctx" .ctx
          "for" "head"
          "image" (include "ray.image" . | fromJson)
          "resources" .ctx.Values.waiting.resources
          "command" (list "python" "/scripts/wait.py")
          "env" (include "ray.env" .)
          "mounts" (include "ray.mounts" .)) }}
  {{- end }}
  {{- with .node.extraInitContainers }}
{{ toYaml . }}
  {{- end }}
{{- end }}
