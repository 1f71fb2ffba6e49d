{{- /* Templates that templates of the library chart take by name. */}}
{{- define "common-tests.pod" -}}
spec:
  image: {{ .Values.image | default "1" | quote }}
{{- end }}

{{- define "common-tests.fine" }}
{{- end }}

{{- define "common-tests.wrong" }}
  {{- include "common.problem" (dict "path" "a" "wrong" "is bad" "write" "write b") }}
  {{- include "common.problem" (dict "path" "c" "wrong" "is bad" "write" "write d") }}
{{- end }}

{{- define "common-tests.files" }}
- {name: scratch, containers: [server, job], mountPath: /tmp, volume: {emptyDir: {}}}
- {name: key, containers: [server], mountPath: /key, readOnly: true, volume: {secret: {secretName: key}}}
- {name: data, containers: [job], mountPath: /data, volume: {persistentVolumeClaim: {claimName: data}}}
{{- end }}

{{- define "common-tests.secretFiles" }}
- name: ca
  containers: [server]
  mountPath: /ca
  secret: {name: {{ .secretName | quote }}, keys: {ca: tls-ca}}
  files: {ca: ca.crt}
{{- end }}
