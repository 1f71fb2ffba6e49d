{{- /* Named templates whose names the tests pass to named templates of the library chart. */}}
{{- define "common-tests.pod" -}}
spec:
  image: {{ .Values.image | default "1" | quote }}
{{- end }}

{{- define "common-tests.noProblems" }}
{{- end }}

{{- define "common-tests.twoProblems" }}
  {{- include "common.problem" (dict
        "path" "server.port"
        "wrong" "80 is a privileged port"
        "write" "write a port above 1023") }}
  {{- include "common.problem" (dict
        "path" "server.hostnames"
        "wrong" "no host name is set"
        "write" "write at least one host name") }}
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
