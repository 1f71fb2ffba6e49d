{{- /*
data-services.backupAnnotation renders the pod annotation by which Velero copies the volume `data`. Takes the root
context.
*/}}
{{- define "data-services.backupAnnotation" }}
  {{- if .Values.backup.enabled -}}
backup.velero.io/backup-volumes: data
  {{- end }}
{{- end }}

{{- /*
data-services.restoreEnv renders the variable RESTORE: the name of the Velero Restore that created the pod, or
an empty string. Takes the root context.
*/}}
{{- define "data-services.restoreEnv" }}
  {{- if .Values.backup.enabled -}}
- name: RESTORE
  valueFrom:
    fieldRef:
      fieldPath: metadata.labels['velero.io/restore-name']
  {{- end }}
{{- end }}

{{- /*
data-services.volumeClaim renders the volume claim template of a store, with the fields that the API server would
add, such as status. The template has no labels, since Kubernetes does not allow changes to it. Takes the store's
values.
*/}}
{{- define "data-services.volumeClaim" -}}
- apiVersion: v1
  kind: PersistentVolumeClaim
  metadata:
    name: data
    {{- with .persistence.annotations }}
    annotations:
      {{- toYaml . | nindent 6 }}
    {{- end }}
  spec:
    accessModes: [ReadWriteOnce]
    {{- with .persistence.storageClassName }}
    storageClassName: {{ . | quote }}
    {{- end }}
    resources:
      requests:
        storage: {{ .persistence.size }}
    volumeMode: Filesystem
  status:
    phase: Pending
{{- end }}
