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

{{- /*
common.volumeClaimTemplate renders the volume claim template of a store, with the fields that the API server would
add, such as status. The template has no labels, since Kubernetes does not allow changes to it. Takes
`values`: `persistence` with size, storageClassName and annotations. Fails without `values`.
*/}}
{{- define "common.volumeClaimTemplate" }}
  {{- include "common.need" (list "common.volumeClaimTemplate" . "values") -}}
- apiVersion: v1
  kind: PersistentVolumeClaim
  metadata:
    name: data
    {{- with .values.persistence.annotations }}
    annotations:
      {{- toYaml . | nindent 6 }}
    {{- end }}
  spec:
    accessModes: [ReadWriteOnce]
    {{- with .values.persistence.storageClassName }}
    storageClassName: {{ . | quote }}
    {{- end }}
    resources:
      requests:
        storage: {{ .values.persistence.size }}
    volumeMode: Filesystem
  status:
    phase: Pending
{{- end }}
