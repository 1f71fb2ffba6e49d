{{- /*
  backup.usesRepositories  a non-empty text if a schedule stores files in Velero's backup repositories, which Velero
                           encrypts with the password in the Secret velero-repo-credentials. If the Secret is missing
                           at Velero's start, Velero creates it with the password static-passw0rd
                           (pkg/repository/keys/keys.go of Velero 1.18.3).
*/}}
{{- define "backup.usesRepositories" }}
  {{- range .Values.schedules }}
    {{- if . }}
      {{- if or .moveSnapshots (ne (.volumes | default "fileSystem") "snapshots") -}}
        true
      {{- end }}
    {{- end }}
  {{- end }}
{{- end }}
