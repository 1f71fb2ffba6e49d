{{- /*
feast.owned renders, as YAML for common.ownedChecks, the variables, arguments and settings that users must not set
because the chart sets them. Arguments are those of `feast serve` (feast/cli/serve.py of Feast 0.67.0), settings those
of feature_store.yaml. Takes the root context.
*/}}
{{- define "feast.owned" -}}
{{- $address := "(host|port|database|user|password)" -}}
extraEnv:
  FEATURE_REPO_DIR_ENV_VAR|FEAST_FS_YAML_FILE_PATH|FEATURE_STORE_YAML_BASE64: ""
  HTTP_URL|GRPC_ADDRESS: ""
  MAX_DAYS: materialization.maxDays
  GIT_(URL|REVISION|USER|PASSWORD): repository.git
  {{- if include "feast.usesPostgresql" . }}
  {{- include "common.owned.postgresql" . | nindent 2 }}
  SECRET_PG(USER|PASSWORD): global.postgresql
  {{- end }}
  {{- if eq .Values.onlineStore.type "redis" }}
  SECRET_REDIS_(USERNAME|PASSWORD): global.redis.existingSecret
  {{- end }}
  {{- if include "feast.usesS3" . }}
  {{- include "common.owned.s3" . | nindent 2 }}
  FEAST_S3_ENDPOINT_URL: global.s3
  {{- end }}
  {{- if .Values.global.monitoring.traces.endpoint }}
  {{- include "common.owned.traces" . | nindent 2 }}
  {{- end }}
extraArgs:
  -h|--host|-p|--port|-t|--type|--max-requests: ""
  -w|--workers: workers
  --keep-alive-timeout: keepAliveSeconds
  -r|--registry_ttl_sec: registry.refreshSeconds
  --no-access-log: accessLog
  -m|--metrics: metrics.enabled
  -k|--key|-c|--cert: tls
extraSettings:
  project: project
  registry[.](registry_type|path): registry
  online_store[.](type|redis_type): onlineStore
  auth[.].+: auth
  offline_store[.]type: offlineStore.type
  {{- if eq .Values.onlineStore.type "redis" }}
  online_store[.]connection_string: global.redis
  online_store[.]sentinel_master: onlineStore.redis.sentinelMaster
  {{- else }}
  online_store[.]{{ $address }}: global.postgresql
  {{- end }}
  {{- if eq .Values.offlineStore.type "postgresql" }}
  offline_store[.]{{ $address }}: global.postgresql
  {{- end }}
offlineStore.settings:
  type: offlineStore.type
  {{- if eq .Values.offlineStore.type "postgresql" }}
  {{ $address }}: global.postgresql
  {{- end }}
{{- end }}
