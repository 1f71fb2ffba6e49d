{{- /*
The restore drill.
  backup.drill.values    values of the drill's pod, with a ServiceAccount of its own
  backup.drill.restores  Velero Restores, as a JSON list. The drill creates one after the other: first the
                         objects that the stores need to start, then the stores. Clients, CronJobs and
                         Jobs are not restored.
  backup.drill.settings  settings of files/drill.py, as JSON
  backup.drill.binding   roleRef and subjects of a RoleBinding of the drill's account to the role `name`
*/}}
{{- define "backup.drill.values" }}
  {{- include "common.componentAccount" (dict
        "ctx" $
        "app" "backup"
        "component" "drill"
        "values" .Values.drill) }}
{{- end }}

{{- define "backup.drill.restores" }}
  {{- $spaces := dict
        "includedNamespaces" (list .Release.Namespace)
        "namespaceMapping" (dict .Release.Namespace .Values.drill.namespace) }}
  {{- $needed := dict
        "includedResources" (list "secrets" "configmaps" "serviceaccounts")
        "includeClusterResources" false }}
  {{- $selectors := list }}
  {{- range include "backup.stores" . | fromJsonArray }}
    {{- $selectors = append $selectors (dict "matchLabels" .selector) }}
  {{- end }}
  {{- $stores := dict
        "includedResources" (list "pods" "persistentvolumeclaims" "persistentvolumes" "services" "statefulsets.apps")
        "orLabelSelectors" $selectors
        "restorePVs" true
        "hooks" (dict "resources" (include "backup.checkHooks" . | fromJsonArray)) }}
  {{- if include "backup.drill.changes" . }}
    {{- $name := include "common.prefixedName" (dict "ctx" $ "name" "drill-changes") }}
    {{- $_ := set $stores "resourceModifier" (dict "kind" "configmap" "name" $name) }}
  {{- end }}
  {{- list (merge $needed $spaces) (merge $stores $spaces) | toJson }}
{{- end }}

{{- define "backup.drill.settings" }}
  {{- dict
        "veleroNamespace" .Values.velero.namespace
        "namespace" .Values.drill.namespace
        "schedule" (include "common.prefixedName" (dict "ctx" $ "name" .Values.drill.of))
        "policy" (include "common.name" (dict "ctx" $ "app" "backup" "component" "drill"))
        "result" (include "common.name" (dict "ctx" $ "app" "backup" "component" "drill-result"))
        "timeoutSeconds" .Values.drill.timeoutSeconds
        "checks" (include "backup.checkHooks" . | fromJsonArray | len)
        "restores" (include "backup.drill.restores" . | fromJsonArray) | toPrettyJson }}
{{- end }}

{{- define "backup.drill.binding" }}
  {{- include "common.need" (list "backup.drill.binding" . "ctx" "name") }}
  {{- $values := include "backup.drill.values" .ctx | fromJson }}
  {{- include "common.roleBinding" (merge (dict
        "kind" "Role"
        "account" $values.serviceAccount.name) .) }}
{{- end }}
