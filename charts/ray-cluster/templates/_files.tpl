{{- /*
Folders of a node beside the image's, which is read-only.
  ray.mounts   mounts of a node's containers
  ray.volumes  their volumes; a head that KubeRay scales has the API server's token too, which only
               the autoscaler's container mounts
*/}}
{{- define "ray.redisCa" }}
  {{- and .ctx.Values.gcsFaultTolerance.enabled (eq .role "head") .ctx.Values.global.redis.tls.existingSecret.name }}
{{- end }}

{{- define "ray.mounts" }}
  {{- include "common.need" (list "ray.mounts" . "ctx" "node" "role") -}}
- name: scratch
  mountPath: /tmp
- name: shared-memory
  mountPath: /dev/shm
  {{- if eq .ctx.Values.mode "standalone" | and (eq .role "worker") }}
- name: scripts
  mountPath: /scripts
  {{- end }}
  {{- if has (include "ray.redisCa" .) (list "" "false") | not }}
- name: redis-ca
  mountPath: /etc/ssl/redis
  {{- end }}
  {{- if .ctx.Values.global.monitoring.traces.endpoint }}
- name: traces
  mountPath: /etc/ray/traces
  {{- end }}
  {{- with .node.extraVolumeMounts }}
{{ toYaml . }}
  {{- end }}
{{- end }}

{{- define "ray.volumes" }}
  {{- include "common.need" (list "ray.volumes" . "ctx" "node" "role") -}}
- name: scratch
  emptyDir:
    sizeLimit: {{ .node.scratch }}
- name: shared-memory
  emptyDir:
    medium: Memory
    sizeLimit: {{ .node.sharedMemory }}
  {{- if eq .ctx.Values.mode "standalone" | and (eq .role "worker") }}
- name: scripts
  configMap:
    name: {{ include "ray.name" .ctx }}
  {{- end }}
  {{- if has (include "ray.redisCa" .) (list "" "false") | not }}
- {{ merge (dict "name" "redis-ca") (include "common.secretFiles" (dict "secret" .ctx.Values.global.redis.tls.existingSecret "files" (dict "ca" "ca.crt")) | fromJson) | toJson }}
  {{- end }}
  {{- if .ctx.Values.global.monitoring.traces.endpoint }}
- name: traces
  configMap:
    name: {{ include "common.name" (dict "ctx" .ctx "app" "ray-cluster" "component" "traces") }}
  {{- end }}
  {{- if and (eq .role "head") .ctx.Values.autoscaling.enabled }}
- name: api-token
  projected:
    sources:
      - serviceAccountToken:
          path: token
          expirationSeconds: 3607
      - configMap:
          name: kube-root-ca.crt
          items:
            - key: ca.crt
              path: ca.crt
      - downwardAPI:
          items:
            - path: namespace
              fieldRef:
                fieldPath: metadata.namespace
  {{- end }}
  {{- with .node.extraVolumes }}
{{ toYaml . }}
  {{- end }}
{{- end }}
