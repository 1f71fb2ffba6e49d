{{- /*
  data-services.volumeClaim  the claim of a store's volume, from its `persistence`. Without labels:
                             a claim template can never be changed.
  data-services.backup       the pod annotation that has Velero copy that volume
  data-services.restored     environment of what rebuilds a store that Velero restored: by which Restore
*/}}
{{- define "data-services.backup" }}
  {{- if .Values.backup.enabled -}}
backup.velero.io/backup-volumes: data
  {{- end }}
{{- end }}

{{- define "data-services.restored" }}
  {{- if .Values.backup.enabled -}}
- name: RESTORE
  valueFrom:
    fieldRef:
      fieldPath: metadata.labels['velero.io/restore-name']
  {{- end }}
{{- end }}

{{- define "data-services.volumeClaim" -}}
- metadata:
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
{{- end }}
