rendered:
  {{- include .Values.template (merge (dict "ctx" $) .Values.with) | nindent 2 }}
