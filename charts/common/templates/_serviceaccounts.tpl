{{- /*
ServiceAccounts. A component has an account of its own; the Jobs of an application share that of the
application.
*/}}

{{- /*
common.serviceAccountName renders the name of the account: `values.serviceAccount.name`, or else the
application's name. Takes `ctx`, `app` and `values`, and fails if one is missing.
*/}}
{{- define "common.serviceAccountName" }}
  {{- include "common.need" (list "common.serviceAccountName" . "ctx" "app" "values") }}
  {{- $account := .values.serviceAccount | default dict }}
  {{- $account.name | default (include "common.name" (pick . "ctx" "app")) }}
{{- end }}

{{- /*
common.componentAccount renders `values` as JSON, with the component's name as the default of
serviceAccount.name, for a component that does not share the application's account. Takes `ctx`,
`app`, `component` and `values`, and fails if one is missing.
*/}}
{{- define "common.componentAccount" }}
  {{- include "common.need" (list "common.componentAccount" . "ctx" "app" "component" "values") }}
  {{- $account := .values.serviceAccount }}
  {{- $name := $account.name | default (include "common.name" .) }}
  {{- merge (dict "serviceAccount" (dict "name" $name "annotations" $account.annotations)) .values | toJson }}
{{- end }}

{{- /*
common.serviceAccount renders the ServiceAccount, which mounts no token. Takes `ctx`, `app` and
`values`, and `annotations` in addition to the annotations in the values. Fails if one of the first three is
missing.
*/}}
{{- define "common.serviceAccount" }}
  {{- include "common.need" (list "common.serviceAccount" . "ctx" "app" "values") -}}
apiVersion: v1
kind: ServiceAccount
metadata:
  {{- $account := .values.serviceAccount | default dict }}
  {{- $annotations := merge dict ($account.annotations | default dict) (.annotations | default dict) }}
  {{- $name := include "common.serviceAccountName" . }}
  {{- include "common.metadata" (merge (dict "name" $name "annotations" $annotations) .) | nindent 2 }}
automountServiceAccountToken: false
{{- end }}
