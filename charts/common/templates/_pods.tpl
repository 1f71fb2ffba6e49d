{{- /*
  common.podSpec  what every pod states beside its containers and volumes: its account without a
                  token (`token: true` mounts one), pull secrets, the restricted security context,
                  where it may run (`spread: true`: replicas apart). `values` holds the component's
                  section.
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
