drawn:
  {{- include .Values.helper (merge (dict "ctx" $) .Values.with) | nindent 2 }}
