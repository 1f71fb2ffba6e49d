{{- /*
  ray.architecture    nodeSelector of the architecture of Ray's images, as YAML
  ray.gpuPlacement    resources, nodeSelector and tolerations of a node with those of its GPU pool added, as
                      JSON; only the resources if the node has no pool
  ray.restartPolicy   restart policy of a node's pod; Never with the autoscaler v2, which recreates failed
                      pods itself
  ray.initContainers  init containers of a node's pod: extraSidecars, then a container in which a worker waits for the
                      head. In mode kuberay, KubeRay adds the waiting container itself
*/}}
{{- define "ray.architecture" }}
  {{- with .Values.architecture }}
    {{- dict "kubernetes.io/arch" . | toYaml }}
  {{- end }}
{{- end }}

{{- define "ray.gpuPlacement" }}
  {{- $pool := (.node.gpu | default dict).pool }}
  {{- if $pool }}
    {{- $of := dict "ctx" .ctx "pool" $pool }}
    {{- $gpus := dict (include "common.gpuPool.resource" $of) (toString .node.gpu.count) }}
    {{- $tolerations := include "common.gpuPool.tolerations" $of | fromYamlArray }}
    {{- dict
          "resources" (merge (dict "requests" (deepCopy $gpus) "limits" $gpus) (deepCopy .node.resources))
          "nodeSelector" (merge (include "common.gpuPool.selector" $of | fromYaml) .node.nodeSelector)
          "tolerations" (concat .node.tolerations $tolerations) | toJson }}
  {{- else }}
    {{- pick .node "resources" | toJson }}
  {{- end }}
{{- end }}

{{- define "ray.restartPolicy" }}
  {{- $scaled := and .ctx.Values.autoscaling.enabled (eq .ctx.Values.autoscaling.version "v2") }}
  {{- $scaled | ternary "Never" .node.restartPolicy }}
{{- end }}

{{- define "ray.initContainers" }}
  {{- with include "common.sidecars" (dict "values" .node) }}
    {{- . }}{{ "\n" }}
  {{- end }}
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
