{{- /*
Volumes and mounts of a Ray node's containers, whose root file system is read-only.
*/}}

{{- /*
ray.files renders the volumes with their mount paths, as a YAML list for common.mounts and common.volumes. Each
entry lists the containers that mount the volume: `head`, `worker`, or `autoscaler`, which KubeRay adds to the head
pod. Takes `ctx` and `node`, the values of a node.
*/}}
{{- define "ray.files" }}
  {{- $values := .ctx.Values -}}
- name: scratch
  containers: [head, worker, autoscaler]
  mountPath: /tmp
  volume: {emptyDir: {sizeLimit: {{ .node.scratch }}}}
  {{- if $values.autoscaling.enabled }}
# KubeRay mounts a volume without a size limit at this path where a container has no mount.
- name: scratch
  containers: [head, autoscaler]
  mountPath: /tmp/ray
  subPath: ray
  volume: {emptyDir: {sizeLimit: {{ .node.scratch }}}}
  {{- end }}
- name: shared-memory
  containers: [head, worker]
  mountPath: /dev/shm
  volume: {emptyDir: {medium: Memory, sizeLimit: {{ .node.sharedMemory }}}}
- name: ca-bundle
  containers: [head, worker]
  mountPath: /etc/ssl/bundle
  secret: {{ toJson $values.caBundle.existingSecret }}
  files: {ca: ca.crt}
  {{- if eq $values.mode "standalone" }}
- name: scripts
  containers: [worker]
  mountPath: /scripts
  volume: {configMap: {name: {{ include "ray.name" .ctx }}}}
  {{- end }}
  {{- if $values.gcsFaultTolerance.enabled }}
- name: redis-ca
  containers: [head]
  mountPath: /etc/ssl/redis
  secret: {{ toJson $values.global.redis.tls.existingSecret }}
  files: {ca: ca.crt}
  {{- end }}
  {{- if $values.global.monitoring.traces.endpoint }}
- name: traces
  containers: [head, worker]
  mountPath: /etc/ray/traces
  volume: {configMap: {name: {{ include "ray.name" .ctx }}-traces}}
  {{- end }}
- name: api-token
  containers: [autoscaler]
  mountPath: /var/run/secrets/kubernetes.io/serviceaccount
  readOnly: true
  volume:
    projected:
      sources:
        - serviceAccountToken: {path: token, expirationSeconds: 3607}
        - configMap: {name: kube-root-ca.crt, items: [{key: ca.crt, path: ca.crt}]}
        - downwardAPI: {items: [{path: namespace, fieldRef: {fieldPath: metadata.namespace}}]}
{{- end }}

{{- /*
ray.mounts renders the volumeMounts of a node's containers. Takes `ctx`, `node` and `role` (head or
worker), and fails if one is missing.
*/}}
{{- define "ray.mounts" }}
  {{- include "common.need" (list "ray.mounts" . "ctx" "node" "role") }}
  {{- include "common.mounts" (dict
        "ctx" .ctx
        "files" "ray.files"
        "input" .
        "container" .role
        "extra" .node.extraVolumeMounts) }}
{{- end }}

{{- /*
ray.volumes renders the volumes of a node's pod. Takes `ctx`, `node` and `role` (head or worker), and fails if one
is missing.
*/}}
{{- define "ray.volumes" }}
  {{- include "common.need" (list "ray.volumes" . "ctx" "node" "role") }}
  {{- $scaled := and (eq .role "head") .ctx.Values.autoscaling.enabled }}
  {{- include "common.volumes" (dict
        "ctx" .ctx
        "files" "ray.files"
        "input" .
        "containers" ($scaled | ternary (list .role "autoscaler") (list .role))
        "extra" .node.extraVolumes) }}
{{- end }}
