{{- /*
The spec of a RayCluster, and of the RayCluster in a RayService.
  ray.kuberay.cluster  the spec of the RayCluster of this release, with kuberay.extraSpec merged below the fields
                       that the chart sets
  ray.kuberay.spec     the spec without suspend and upgradeStrategy, which KubeRay rejects in a RayService. Takes
                       `ctx` and `kind`, RayCluster or RayService
  ray.kueue            the labels and annotations by which Kueue queues a RayCluster, as JSON {labels, annotations};
                       an empty map without Kueue. Kueue then writes the field suspend
  ray.kuberay.storage  gcsFaultToleranceOptions. A RayService has several clusters during an upgrade, so it names
                       no storage namespace, and KubeRay uses the UID of each cluster
*/}}
{{- define "ray.kuberay.cluster" }}
  {{- $spec := include "ray.kuberay.spec" (dict "ctx" $ "kind" "RayCluster") | fromYaml }}
  {{- if not (include "ray.kueue" . | fromJson) }}
    {{- $_ := set $spec "suspend" .Values.kuberay.suspend }}
  {{- end }}
  {{- $_ := set $spec "upgradeStrategy" (dict "type" .Values.kuberay.upgradeStrategy) }}
  {{- merge $spec (deepCopy .Values.kuberay.extraSpec) | toYaml }}
{{- end }}

{{- define "ray.kueue" }}
  {{- $queued := dict }}
  {{- range $section, $key := dict "labels" "kueue.x-k8s.io/queue-name" "annotations" "kueue.x-k8s.io/elastic-job" }}
    {{- with get (get $.Values.kuberay $section) $key }}
      {{- $_ := set $queued $section (dict $key .) }}
    {{- end }}
  {{- end }}
  {{- hasKey $queued "labels" | ternary $queued dict | toJson }}
{{- end }}

{{- define "ray.kuberay.spec" }}
  {{- include "common.need" (list "ray.kuberay.spec" . "ctx" "kind") }}
  {{- $values := .ctx.Values -}}
rayVersion: {{ $values.rayVersion | quote }}
  {{- if $values.autoscaling.enabled }}
enableInTreeAutoscaling: true
autoscalerOptions:
  {{- include "ray.kuberay.autoscaler" .ctx | nindent 2 }}
  {{- end }}
  {{- if $values.gcsFaultTolerance.enabled }}
gcsFaultToleranceOptions:
  {{- include "ray.kuberay.storage" . | nindent 2 }}
  {{- end }}
  {{- if $values.auth.enabled }}
authOptions:
  mode: token
  secretName: {{ $values.auth.existingSecret.name | quote }}
  {{- end }}
headGroupSpec:
  {{- include "ray.kuberay.head" . | nindent 2 }}
workerGroupSpecs:
  {{- include "ray.kuberay.workers" . | trim | default "[]" | nindent 2 }}
{{- end }}

{{- define "ray.kuberay.storage" -}}
redisAddress: {{ include "ray.redisAddress" .ctx }}
  {{- $secret := .ctx.Values.global.redis.existingSecret }}
  {{- range $field, $what := dict "redisPassword" "password" "redisUsername" "username" }}
    {{- with get $secret.keys $what }}
{{ $field }}:
  valueFrom:
    secretKeyRef:
      name: {{ $secret.name | quote }}
      key: {{ . }}
    {{- end }}
  {{- end }}
  {{- if eq .kind "RayCluster" }}
externalStorageNamespace: {{ include "ray.storageName" .ctx }}
  {{- end }}
{{- end }}
