{{- /*
  backup.checks.drill  checks of the drill
*/}}
{{- define "backup.checks.drill" }}
  {{- $drill := .Values.drill }}
  {{- include "backup.cronProblem" (dict "path" "drill.schedule" "cron" $drill.schedule) }}
  {{- include "backup.unknown" (dict "path" "drill.of" "name" $drill.of "of" .Values.schedules "key" "schedules") }}
  {{- with get .Values.schedules $drill.of }}
    {{- if not (has $.Release.Namespace (.namespaces | default list)) }}
      {{- include "common.problem" (dict
            "path" (printf "schedules.%s.namespaces" $drill.of)
            "wrong" (printf "the release's namespace %s is not among them, so its backups hold no store for the drill" $.Release.Namespace)
            "write" (printf "add %s, or write drill.enabled: false" $.Release.Namespace)) }}
    {{- end }}
  {{- end }}
  {{- if has $drill.namespace (list .Release.Namespace .Values.velero.namespace) }}
    {{- include "common.problem" (dict
          "path" "drill.namespace"
          "wrong" (printf "%s is in use, and the drill deletes everything in its namespace" $drill.namespace)
          "write" "name one that nothing else uses, such as restore-drill") }}
  {{- end }}
  {{- if not (include "backup.stores" . | fromJsonArray) }}
    {{- include "common.problem" (dict
          "path" "drill.enabled"
          "wrong" "none of stores is enabled, so there is nothing to restore"
          "write" "write false, or enable the stores that the namespace has") }}
  {{- end }}
{{- end }}
