{{- /*
common.testPod renders the Pod of `helm test`, called NAME-test, with one container `test`. Takes
`ctx`, `app`, `values`, `image`, `resources` and the `command`, a list; `env`, `mounts` and
`volumes`, rendered YAML lists; and `token`, true if the pod needs the API server. Without `mounts`
it mounts the ConfigMap of its own name at /scripts. Fails if one of the first six is missing.
*/}}
{{- define "common.testPod" }}
  {{- include "common.need" (list "common.testPod" . "ctx" "app" "values" "image" "resources" "command") }}
  {{- $hook := dict "helm.sh/hook" "test" "helm.sh/hook-delete-policy" "before-hook-creation" }}
  {{- $values := merge (dict "podAnnotations" $hook) .values }}
  {{- $me := merge (dict "component" "test" "values" $values) . -}}
apiVersion: v1
kind: Pod
metadata:
  name: {{ include "common.name" $me }}
  namespace: {{ .ctx.Release.Namespace | quote }}
  {{- include "common.podMetadata" $me | nindent 2 }}
spec:
  {{- include "common.podSpec" $me | nindent 2 }}
  restartPolicy: Never
  {{- with include "common.sidecars" . }}
  initContainers:
    {{- . | nindent 4 }}
  {{- end }}
  containers:
    - name: test
      {{- include "common.container" $me | nindent 6 }}
      command:
        {{- toYaml .command | nindent 8 }}
      {{- with .env }}
      env:
        {{- . | nindent 8 }}
      {{- end }}
      volumeMounts:
        {{- .mounts | default "- {name: scripts, mountPath: /scripts}" | nindent 8 }}
  volumes:
    {{- if .mounts }}
    {{- .volumes | nindent 4 }}
    {{- else }}
    - name: scripts
      configMap:
        name: {{ include "common.name" $me }}
    {{- end }}
{{- end }}
