{{- /*
common.podSpec renders what the spec of every pod contains beside containers and volumes: its
ServiceAccount, pull secrets, security context and placement. Takes `ctx`, `app`, `component` and
`values`; `token`, true to mount the token of the ServiceAccount; `spread`, true to spread replicas
over nodes. Fails without `ctx`, `app` or `values`.
*/}}
{{- define "common.podSpec" }}
  {{- include "common.need" (list "common.podSpec" . "ctx" "app" "values") -}}
serviceAccountName: {{ include "common.serviceAccountName" . | quote }}
automountServiceAccountToken: {{ .token | default false }}
enableServiceLinks: false
  {{- with .ctx.Values.global.images.pullSecrets }}
imagePullSecrets:
    {{- range . }}
  - name: {{ . | quote }}
    {{- end }}
  {{- end }}
securityContext:
  {{- include "common.podSecurityContext" . | nindent 2 }}
  {{- with .values.priorityClassName }}
priorityClassName: {{ . | quote }}
  {{- end }}
  {{- with .values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
  {{- end }}
  {{- with .values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
  {{- end }}
  {{- with .values.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
  {{- end }}
  {{- if .spread }}
topologySpreadConstraints:
  {{- include "common.topologySpread" . | nindent 2 }}
  {{- end }}
{{- end }}
