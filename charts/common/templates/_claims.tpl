{{- /*
common.keep renders the annotations of an object that Helm and Argo CD keep when the release no longer contains the
object. Argo CD observes Helm's annotation only when the whole Application is deleted.
*/}}
{{- define "common.keep" -}}
helm.sh/resource-policy: keep
argocd.argoproj.io/sync-options: Prune=false
argocd.argoproj.io/compare-options: IgnoreExtraneous
{{- end }}

{{- /*
common.persistentVolumeClaim renders a PersistentVolumeClaim that outlives the release. Takes `ctx`,
`app`, `component` and `values`: size, storageClassName (empty: the cluster's default) and
accessMode (default ReadWriteOnce). Fails if one of the four is missing.
*/}}
{{- define "common.persistentVolumeClaim" }}
  {{- include "common.need" (list "common.persistentVolumeClaim" . "ctx" "app" "component" "values") }}
  {{- $keep := include "common.keep" . | fromYaml -}}
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
