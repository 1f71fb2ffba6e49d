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
