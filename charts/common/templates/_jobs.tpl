{{- /*
common.job renders a Job. Its pod template cannot change, so the Job's name ends with a hash of that
template: an unchanged template is the same Job, which runs once; a changed one is a new Job. There
is no TTL, so that no tool recreates a finished Job. Takes `ctx`, `app`, `component`, and `pod`, the
name of the template that renders the pod from the root context; `backoffLimit` (default 10). Fails
if one of the first four is missing.
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
