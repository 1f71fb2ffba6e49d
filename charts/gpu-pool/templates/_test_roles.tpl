{{- /*
  gpu-pool.test.roles    name and namespace of the test's Roles, as YAML by scope; none for a scope without
                         objects
  gpu-pool.test.binding  roleRef and subjects that bind a role of `kind` and `name` to the test's
                         ServiceAccount
*/}}
{{- define "gpu-pool.test.roles" }}
  {{- $name := include "common.name" (dict "ctx" $ "app" "gpu-pool" "component" "test") }}
  {{- if .Values.global.gpuPools }}
release: {name: {{ $name }}, namespace: {{ .Release.Namespace | quote }}}
    {{- if .Values.devicePlugin.enabled }}
operator:
  name: {{ include "common.prefixedName" (dict "ctx" $ "name" $name) }}
  namespace: {{ .Values.operator.namespace | quote }}
    {{- end }}
  {{- end }}
{{- end }}

{{- define "gpu-pool.test.binding" }}
  {{- include "common.need" (list "gpu-pool.test.binding" . "ctx" "kind" "name") }}
  {{- $values := include "gpu-pool.test.values" .ctx | fromJson }}
  {{- include "common.roleBinding" (merge (dict "account" $values.serviceAccount.name) .) }}
{{- end }}
