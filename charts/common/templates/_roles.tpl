{{- /*
common.roleBinding renders roleRef and subjects of a RoleBinding or ClusterRoleBinding that binds a
role to a ServiceAccount of the release's namespace. Takes `ctx`, the `kind` and `name` of the role,
and `account`, the name of the ServiceAccount. Fails if one of these parameters is missing.
*/}}
{{- define "common.roleBinding" }}
  {{- include "common.need" (list "common.roleBinding" . "ctx" "kind" "name" "account") -}}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: {{ .kind }}
  name: {{ .name | quote }}
subjects:
  - kind: ServiceAccount
    name: {{ .account | quote }}
    namespace: {{ .ctx.Release.Namespace | quote }}
{{- end }}
