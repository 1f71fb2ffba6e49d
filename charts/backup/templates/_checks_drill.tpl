{{- /*
  backup.checks.drill  checks of the restore drill's values
*/}}
{{- define "backup.checks.drill" }}
  {{- $drill := .Values.drill }}
  {{- include "backup.cronProblem" (dict "path" "drill.schedule" "cron" $drill.schedule) }}
  {{- include "backup.unknownName" (dict "path" "drill.of" "name" $drill.of "of" .Values.schedules "key" "schedules") }}
  {{- with get .Values.schedules $drill.of }}
    {{- if not (has $.Release.Namespace (.namespaces | default list)) }}
      {{- include "common.problem" (dict
            "path" (printf "schedules.%s.namespaces" $drill.of)
            "wrong" (printf
              "the release's namespace %s is missing, so backups contain no store"
              $.Release.Namespace)
            "write" (printf "add %s, or set drill.enabled: false" $.Release.Namespace)) }}
    {{- end }}
  {{- end }}
  {{- if has $drill.namespace (list .Release.Namespace .Values.velero.namespace) }}
    {{- include "common.problem" (dict
          "path" "drill.namespace"
          "wrong" (printf "%s is in use, and the drill deletes everything in its namespace" $drill.namespace)
          "write" "write a namespace that nothing else uses, such as restore-drill") }}
  {{- end }}
  {{- if not (include "backup.stores" . | fromJsonArray) }}
    {{- include "common.problem" (dict
          "path" "drill.enabled"
          "wrong" "no store is enabled, so the drill has nothing to restore"
          "write" "write false, or set stores.NAME.enabled: true for the stores in the namespace") }}
  {{- end }}
{{- end }}
