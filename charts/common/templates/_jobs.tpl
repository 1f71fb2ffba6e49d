{{- /*
A Job can't be changed, so its name ends with a hash of its pod: image, script and settings. The
same input is the same Job, which runs once; another input is another Job, and the old one goes.
It stays after it has finished (no TTL), so nothing runs it again, and it is safe to repeat.
  common.job  `pod` names the template that draws the pod; `backoffLimit` is 10 if left out
*/}}
{{- define "common.job" }}
  {{- include "common.need" (list "common.job" . "ctx" "app" "component" "pod") }}
  {{- $pod := include .pod .ctx }}
  {{- $name := printf "%s-%s" (include "common.name" .) (sha256sum $pod | trunc 8) -}}
apiVersion: batch/v1
kind: Job
metadata:
  {{- include "common.metadata" (merge (dict "name" $name) .) | nindent 2 }}
spec:
  backoffLimit: {{ .backoffLimit | default 10 }}
  template:
    {{- $pod | nindent 4 }}
{{- end }}
