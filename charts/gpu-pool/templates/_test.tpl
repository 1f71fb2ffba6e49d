{{- /*
  gpu-pool.test.values    values of the test pod and its ServiceAccount
  gpu-pool.test.objects   objects that `helm test` verifies, as a YAML list, each with the fields and
                          conditions that it must have (`hold`). The test's Roles allow reading only these
  gpu-pool.test.expected  input of the test program, as JSON: the objects and the pools
  gpu-pool.test.rules     rules of a role over the objects of one `scope`, as a YAML list
*/}}
{{- define "gpu-pool.test.values" }}
  {{- include "common.componentAccount" (dict
        "ctx" $
        "app" "gpu-pool"
        "component" "test"
        "values" .Values.test) }}
{{- end }}

{{- define "gpu-pool.test.objects" }}
  {{- $named := dict "ctx" $ "app" "gpu-pool" }}
  {{- if .Values.priorities.enabled }}
    {{- range $class := include "gpu-pool.priorityClasses" . | splitList " " }}
- scope: cluster
  group: scheduling.k8s.io
  version: v1
  resource: priorityclasses
  name: {{ include "gpu-pool.priorityClass" (dict "ctx" $ "class" $class) }}
  hold: {value: {{ int64 (get $.Values.priorities $class).value }}}
    {{- end }}
  {{- end }}
  {{- if .Values.global.gpuPools }}
    {{- if .Values.devicePlugin.enabled }}
- scope: operator
  group: ""
  version: v1
  resource: configmaps
  name: {{ include "common.prefixedName" (dict "ctx" $ "name" "device-plugin") }}
  hold: {kind: ConfigMap}
    {{- end }}
    {{- if .Values.quota.enabled }}
- scope: release
  group: ""
  version: v1
  resource: resourcequotas
  name: {{ include "common.name" $named }}
  hold: {status: {hard: {{ include "gpu-pool.quotaHard" (dict "ctx" $ "percent" .Values.quota.percent) }}}}
    {{- end }}
  {{- end }}
  {{- if .Values.kueue.enabled }}
- scope: cluster
  group: kueue.x-k8s.io
  version: v1beta2
  resource: clusterqueues
  name: {{ include "common.prefixedName" (dict "ctx" $ "name" "gpu-pool") }}
  hold: {Active: "True"}
- scope: release
  group: kueue.x-k8s.io
  version: v1beta2
  resource: localqueues
  name: {{ include "common.name" $named }}
  hold: {Active: "True"}
  {{- end }}
{{- end }}

{{- define "gpu-pool.test.expected" }}
  {{- $pools := list }}
  {{- range $pool, $settings := .Values.global.gpuPools }}
    {{- $shares := include "gpu-pool.sharesPerGpu" (dict "ctx" $ "pool" $pool) }}
    {{- $vectorAdd := dict "ctx" $ "app" "gpu-pool" "component" (print "vector-add-" $pool) }}
    {{- $expected := dict
          "name" $pool
          "selector" $settings.selector
          "resource" (include "common.gpuPool.resource" (dict "ctx" $ "pool" $pool))
          "offered" (mul $settings.count $shares)
          "deployment" (include "common.name" $vectorAdd) }}
    {{- with $settings.memory }}
      {{- $_ := set $expected "memory" (include "common.bytes" (dict "quantity" .) | int64) }}
    {{- end }}
    {{- $pools = append $pools $expected }}
  {{- end }}
  {{- dict
        "operatorNamespace" .Values.operator.namespace
        "timeoutSeconds" .Values.test.timeoutSeconds
        "pools" $pools
        "objects" (include "gpu-pool.test.objects" . | fromYamlArray) | toPrettyJson }}
{{- end }}

{{- define "gpu-pool.test.rules" }}
  {{- include "common.need" (list "gpu-pool.test.rules" . "ctx" "scope") }}
  {{- range include "gpu-pool.test.objects" .ctx | fromYamlArray }}
    {{- if eq .scope $.scope }}
- {apiGroups: [{{ .group | quote }}], resources: [{{ .resource }}], verbs: [get], resourceNames: [{{ .name }}]}
    {{- end }}
  {{- end }}
{{- end }}
