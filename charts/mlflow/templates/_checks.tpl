{{- /*
Checks of values that a JSON Schema cannot express. All templates take the root context.
*/}}

{{- /*
mlflow.checks renders all problems of the chart's values.
*/}}
{{- define "mlflow.checks" }}
  {{- include "mlflow.checks.scale" . }}
  {{- include "mlflow.checks.store" . }}
  {{- include "mlflow.checks.gateway" .Values.gateway }}
  {{- include "common.ownedChecks" (dict "ctx" $ "owned" (include "mlflow.owned" . | fromYaml)) }}
  {{- include "common.containerChecks" (dict
        "values" .Values
        "prefix" ""
        "own" (dict
          "mlflow|migration|test|wait-for-.*" true
          "configure-auth|migrate-auth" .Values.auth.enabled
          "garbage-collection" .Values.garbageCollection.enabled)) }}
  {{- include "common.routeChecks" (dict "ctx" $) }}
  {{- if .Values.oidc.enabled }}
    {{- include "mlflow.checks.oidc" . }}
  {{- end }}
  {{- include "common.postgresqlTlsChecks" (dict "ctx" $) }}
  {{- include "common.mountChecks" (dict
        "path" "extraVolumeMounts"
        "mounts" .Values.extraVolumeMounts
        "folders" (list "/usr/local/bin" "/usr/local/lib")
        "programs" "MLflow and Python") }}
{{- end }}

{{- /*
mlflow.checks.scale renders problems of the number of servers: database connections, the artifact volume, and background
jobs. MLflow's queue is a file of each server unless it is Redis, which takes its password in a URL
(MLFLOW_SERVER_JOB_HUEY_REDIS_URL). Each server runs the periodic work, and a server that starts resets and runs all
unfinished jobs of the database, those of running servers too (mlflow/server/jobs of MLflow 3.17.2).
*/}}
{{- define "mlflow.checks.scale" }}
  {{- $replicas := (include "common.replicas" (dict "ctx" $) | fromJson).most | int }}
  {{- include "common.autoscalingChecks" (dict "ctx" $) }}
  {{- with .Values.database }}
    {{- /* A rolling update adds one server. */}}
    {{- $servers := add $replicas 1 }}
    {{- $pools := ternary 3 2 $.Values.auth.enabled }}
    {{- $most := mul $servers $.Values.workers $pools (add .pool.size .pool.maxOverflow) }}
    {{- if gt $most (int64 .maxConnections) }}
      {{- $servers := printf "%d servers (%d replicas and 1 during an update)" $servers $replicas }}
      {{- $pool := printf "(%v + %v) connections" .pool.size .pool.maxOverflow }}
      {{- $sum := printf "%s x %v workers x %d pools x %s are %d" $servers $.Values.workers $pools $pool $most }}
      {{- include "common.problem" (dict
            "path" "database.pool"
            "wrong" (printf "%s, more than database.maxConnections (%v)" $sum .maxConnections)
            "write" "write smaller pools, or raise database.maxConnections within PostgreSQL's max_connections") }}
    {{- end }}
  {{- end }}
  {{- if and (include "mlflow.artifacts.exclusive" .) (gt $replicas 1) }}
    {{- $mode := .Values.artifacts.file.accessMode }}
    {{- include "common.problem" (dict
          "path" "artifacts.file.accessMode"
          "wrong" (printf "only one server can mount a %s volume, and %d are configured" $mode $replicas)
          "write" "write ReadWriteMany if the StorageClass supports it, or replicas: 1 without autoscaling") }}
  {{- end }}
  {{- if and .Values.backgroundJobs.enabled (gt $replicas 1) }}
    {{- include "common.problem" (dict
          "path" "backgroundJobs.enabled"
          "wrong" (printf "each of the %d servers has a queue of its own and repeats the others' work, since %s"
            $replicas "MLflow's shared queue takes a password in a URL")
          "write" "write replicas: 1 without autoscaling, or false; workers adds processes to one server") }}
  {{- end }}
{{- end }}

{{- /*
mlflow.checks.store renders problems of the artifact storage: direct access to a volume, missing names.
*/}}
{{- define "mlflow.checks.store" }}
  {{- with .Values.artifacts }}
    {{- if and (eq .store "file") (eq .access "direct") }}
      {{- include "common.problem" (dict
            "path" "artifacts.access"
            "wrong" "clients can't connect to a volume, which artifacts.store file uses"
            "write" "write proxied, or set artifacts.store to s3, gcs or azure") }}
    {{- end }}
    {{- range $store, $keys := dict "gcs" (list "bucket") "azure" (list "account" "container") }}
      {{- range $key := $keys }}
        {{- if and (eq $store $.Values.artifacts.store) (not (index $.Values.artifacts $store $key)) }}
          {{- include "common.problem" (dict
                "path" (printf "artifacts.%s.%s" $store $key)
                "wrong" (printf "the name is empty, and artifacts.store is %s" $store)
                "write" (printf "write the name of the %s" $key)) }}
        {{- end }}
      {{- end }}
    {{- end }}
  {{- end }}
{{- end }}

{{- /*
mlflow.checks.oidc renders problems of the login by oauth2-proxy.
*/}}
{{- define "mlflow.checks.oidc" }}
  {{- if not .Values.oidc.issuerUrl }}
    {{- include "common.problem" (dict
          "path" "oidc.issuerUrl"
          "wrong" "the URL is empty, and oidc.enabled is true"
          "write" "write the URL of the OpenID Connect issuer") }}
  {{- end }}
  {{- if not (include "mlflow.publicHosts" . | fromJsonArray) }}
    {{- include "common.problem" (dict
          "path" "publicHosts"
          "wrong" "the list is empty, and with oidc.enabled the login must return to a public host"
          "write" "write a host in publicHosts, ingress.hosts or httpRoute.hostnames") }}
  {{- end }}
  {{- if .Values.auth.enabled }}
    {{- include "common.problem" (dict
          "path" "auth.enabled"
          "wrong" "oidc.enabled is true too, and both logins use the header Authorization"
          "write" "write false, or set oidc.enabled to false") }}
  {{- end }}
{{- end }}
