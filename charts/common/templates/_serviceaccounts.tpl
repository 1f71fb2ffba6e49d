{{- /*
A component runs under an account of its own; the Jobs of an application share the application's.
  common.serviceAccountName  `values.serviceAccount.name`, else the application's name
  common.serviceAccount      the object, with `annotations` beside those of the values; pods that need
                             the API ask for the token themselves
*/}}
{{- define "common.serviceAccountName" }}
  {{- include "common.need" (list "common.serviceAccountName" . "ctx" "app" "values") }}
  {{- $account := .values.serviceAccount | default dict }}
  {{- $account.name | default (include "common.name" (pick . "ctx" "app")) }}
{{- end }}

{{- define "common.serviceAccount" }}
  {{- include "common.need" (list "common.serviceAccount" . "ctx" "app" "values") -}}
apiVersion: v1
kind: ServiceAccount
metadata:
  {{- $account := .values.serviceAccount | default dict }}
  {{- $annotations := merge dict ($account.annotations | default dict) (.annotations | default dict) }}
  {{- $more := dict "name" (include "common.serviceAccountName" .) "annotations" $annotations }}
  {{- include "common.metadata" (merge $more .) | nindent 2 }}
automountServiceAccountToken: false
{{- end }}
