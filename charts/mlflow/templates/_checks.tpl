{{- /*
What the schema can't say about the values of this chart.
  mlflow.checks          all of it
  mlflow.checks.scale    replicas, against the database and a volume
  mlflow.checks.store    places of artifacts that are named in part
  mlflow.checks.oidc     a login that leads nowhere, or a second one
*/}}
{{- define "mlflow.checks" }}
  {{- include "mlflow.checks.scale" . }}
  {{- include "mlflow.checks.store" . }}
  {{- include "common.routeChecks" (dict "ctx" $) }}
  {{- if .Values.oidc.enabled }}
    {{- include "mlflow.checks.oidc" . }}
  {{- end }}
  {{- include "common.postgresqlTlsChecks" (dict "ctx" $) }}
{{- end }}

{{- define "mlflow.checks.scale" }}
  {{- $replicas := ternary .Values.autoscaling.maxReplicas .Values.replicas .Values.autoscaling.enabled | int }}
  {{- include "common.autoscalingChecks" (dict "ctx" $) }}
  {{- with .Values.database }}
    {{- $pools := ternary 3 2 $.Values.auth.enabled }}
    {{- $most := mul (add $replicas 1) $.Values.workers $pools (add .pool.size .pool.maxOverflow) }}
    {{- if gt $most (int64 .maxConnections) }}
      {{- include "common.problem" (dict
            "path" "database.pool"
            "wrong" (printf "%d servers (one more than the replicas during an update) of %v workers with %d pools of %v + %v connections may take %d, more than database.maxConnections (%v)" (add $replicas 1) $.Values.workers $pools .pool.size .pool.maxOverflow $most .maxConnections)
            "write" "write smaller pools, or raise database.maxConnections if the database has that many to spare") }}
    {{- end }}
  {{- end }}
  {{- if and (include "mlflow.artifacts.exclusive" .) (gt $replicas 1) }}
    {{- include "common.problem" (dict
          "path" "artifacts.file.accessMode"
          "wrong" (printf "a volume of %s is for one server, and there may be %d" .Values.artifacts.file.accessMode $replicas)
          "write" "write ReadWriteMany if the StorageClass has it, or replicas: 1 without autoscaling") }}
  {{- end }}
{{- end }}

{{- define "mlflow.checks.store" }}
  {{- with .Values.artifacts }}
    {{- if and (eq .store "file") (eq .access "direct") }}
      {{- include "common.problem" (dict
            "path" "artifacts.access"
            "wrong" "clients can't reach the servers' volume themselves"
            "write" "write proxied, or another artifacts.store") }}
    {{- end }}
    {{- range $store, $keys := dict "gcs" (list "bucket") "azure" (list "account" "container") }}
      {{- range $key := $keys }}
        {{- if and (eq $store $.Values.artifacts.store) (not (index $.Values.artifacts $store $key)) }}
          {{- include "common.problem" (dict
                "path" (printf "artifacts.%s.%s" $store $key)
                "wrong" (printf "artifacts.store is %s, and this is empty" $store)
                "write" "write its name") }}
        {{- end }}
      {{- end }}
    {{- end }}
  {{- end }}
{{- end }}

{{- define "mlflow.checks.oidc" }}
  {{- if not .Values.oidc.issuerUrl }}
    {{- include "common.problem" (dict
          "path" "oidc.issuerUrl"
          "wrong" "oidc.enabled is true, and this is empty"
          "write" "write the issuer's address") }}
  {{- end }}
  {{- if not (include "mlflow.publicHosts" . | fromJsonArray) }}
    {{- include "common.problem" (dict
          "path" "publicHosts"
          "wrong" "the issuer must know where to send people back to, and there is no public host"
          "write" "write one here, in ingress.hosts or in httpRoute.hostnames") }}
  {{- end }}
  {{- if .Values.auth.enabled }}
    {{- include "common.problem" (dict
          "path" "auth.enabled"
          "wrong" "with oidc.enabled, people would have to log in twice in the same header"
          "write" "write false, or turn oidc off") }}
  {{- end }}
{{- end }}
