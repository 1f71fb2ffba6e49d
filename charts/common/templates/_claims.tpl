{{- /*
common.persistentVolumeClaim renders a PersistentVolumeClaim that outlives the release. Takes `ctx`,
`app`, `component` and `values`: size, storageClassName (empty: the cluster's default) and
accessMode (default ReadWriteOnce). Fails if one of the four is missing.
*/}}
{{- define "common.persistentVolumeClaim" }}
  {{- include "common.need" (list "common.persistentVolumeClaim" . "ctx" "app" "component" "values") }}
  {{- $keep := dict "helm.sh/resource-policy" "keep" -}}
apiVersion: v1
kind: PersistentVolumeClaim
metadata:
  {{- include "common.metadata" (merge (dict "annotations" $keep) .) | nindent 2 }}
spec:
  accessModes: [{{ .values.accessMode | default "ReadWriteOnce" }}]
  {{- with .values.storageClassName }}
  storageClassName: {{ . | quote }}
  {{- end }}
  resources:
    requests:
      storage: {{ .values.size }}
{{- end }}
