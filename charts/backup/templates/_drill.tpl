{{- /*
The drill.
  backup.drill.values    the values of its pods, with an account of its own
  backup.drill.restores  Velero's Restores, as a JSON list, made one after the other: what the stores need
                         to start, then the stores. No client, CronJob or Job is among them.
  backup.drill.settings  what its script is told, as JSON
  backup.drill.binding   the rest of a RoleBinding that gives the drill the role `name`
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
        "hooks" (dict "resources" (include "backup.checking" . | fromJsonArray)) }}
  {{- if include "backup.drill.changes" . }}
    {{- $name := include "common.outside" (dict "ctx" $ "name" "drill-changes") }}
    {{- $_ := set $stores "resourceModifier" (dict "kind" "configmap" "name" $name) }}
  {{- end }}
  {{- list (merge $needed $spaces) (merge $stores $spaces) | toJson }}
{{- end }}

{{- define "backup.drill.settings" }}
  {{- dict
        "veleroNamespace" .Values.velero.namespace
        "namespace" .Values.drill.namespace
        "schedule" (include "common.outside" (dict "ctx" $ "name" .Values.drill.of))
        "policy" (include "common.name" (dict "ctx" $ "app" "backup" "component" "drill"))
        "result" (include "common.name" (dict "ctx" $ "app" "backup" "component" "drill-result"))
        "timeoutSeconds" .Values.drill.timeoutSeconds
        "checks" (include "backup.checking" . | fromJsonArray | len)
        "restores" (include "backup.drill.restores" . | fromJsonArray) | toPrettyJson }}
{{- end }}

{{- define "backup.drill.binding" }}
  {{- include "common.need" (list "backup.drill.binding" . "ctx" "name") }}
  {{- $values := include "backup.drill.values" .ctx | fromJson }}
  {{- include "common.roleBinding" (merge (dict
        "kind" "Role"
        "account" $values.serviceAccount.name) .) }}
{{- end }}
