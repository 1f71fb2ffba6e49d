{{- /*
mlflow.owned renders, as YAML for common.ownedChecks, the variables and arguments that users must not set because the
chart sets them. The sources of their names: for `mlflow server` mlflow/cli/__init__.py, mlflow/utils/cli_args.py and
mlflow/server/constants.py (MLflow 3.17.2), for Uvicorn uvicorn/main.py, for oauth2-proxy pkg/apis/options (7.15.6).
Uvicorn reads each option from a variable too, such as UVICORN_UDS (auto_envvar_prefix). Takes the root context.
*/}}
{{- define "mlflow.owned" -}}
extraEnv:
  {{- include "common.owned.postgresql" . | nindent 2 }}
  MLFLOW_(BACKEND|REGISTRY)_STORE_URI: global.postgresql
  MLFLOW_READ_REPLICA_BACKEND_STORE_URI: database.readReplica
  MLFLOW_(ARTIFACTS_DESTINATION|DEFAULT_ARTIFACT_ROOT|SERVE_ARTIFACTS|ARTIFACTS_ONLY): artifacts
  MLFLOW_TRACKING_(URI|USERNAME|PASSWORD|SERVER_CERT_PATH): ""
  MLFLOW_(HOST|PORT|EXPOSE_PROMETHEUS)|POD_IP|_MLFLOW_.*: ""
  MLFLOW_WORKERS: workers
  MLFLOW_STATIC_PREFIX: staticPrefix
  MLFLOW_(UVICORN|GUNICORN)_OPTS: uvicornOptions
  UVICORN_(HOST|PORT|UDS|FD|FACTORY|APP_DIR|ENV_FILE|RELOAD): ""
  UVICORN_WORKERS|WEB_CONCURRENCY: workers
  UVICORN_TIMEOUT_GRACEFUL_SHUTDOWN: drain.finishSeconds
  UVICORN_SSL_(CERTFILE|KEYFILE|KEYFILE_PASSWORD): tls
  MLFLOW_SERVER_ENABLE_JOB_EXECUTION: backgroundJobs.enabled
  {{- if eq .Values.artifacts.store "s3" }}
  {{- include "common.owned.s3" . | nindent 2 }}
  MLFLOW_S3_ENDPOINT_URL: global.s3
  {{- else if and (eq .Values.artifacts.store "gcs") (.Values.artifacts.gcs.existingSecret).name }}
  GOOGLE_APPLICATION_CREDENTIALS: artifacts.gcs.existingSecret
  {{- else if and (eq .Values.artifacts.store "azure") (.Values.artifacts.azure.existingSecret).name }}
  AZURE_STORAGE_(ACCESS_KEY|CONNECTION_STRING): artifacts.azure.existingSecret
  {{- end }}
  {{- if .Values.auth.enabled }}
  MLFLOW_AUTH_(ADMIN_USERNAME|ADMIN_PASSWORD|CONFIG_PATH)|MLFLOW_FLASK_SERVER_SECRET_KEY: auth
  {{- end }}
  MLFLOW_CRYPTO_KEK_(PASSPHRASE|VERSION): gateway
  {{- if .Values.global.monitoring.traces.endpoint }}
  {{- include "common.owned.traces" . | nindent 2 }}
  {{- end }}
extraArgs:
  -h|--host|-p|--port|--expose-prometheus|--dev: ""
  -w|--workers: workers
  --(uvicorn|gunicorn|waitress)-opts: uvicornOptions
  --(backend|registry)-store-uri: global.postgresql
  --read-replica-backend-store-uri: database.readReplica
  --default-artifact-root|--artifacts-destination|--(no-)?serve-artifacts|--artifacts-only: artifacts
  --static-prefix: staticPrefix
  {{- if .Values.auth.enabled }}
  --app-name: auth
  {{- end }}
uvicornOptions:
  --(host|port|uds|fd|factory|app-dir|env-file|reload): ""
  --workers: workers
  --timeout-graceful-shutdown: drain.finishSeconds
  --ssl-(certfile|keyfile|keyfile-password): tls
oidc.extraArgs:
  --(https?-address|tls-cert-file|tls-key-file|upstream|reverse-proxy|skip-jwt-bearer-tokens|alpha-config|config): ""
  --upstream-timeout: oidc.upstreamTimeout
  --proxy-prefix: staticPrefix
  --redirect-url: publicHosts
  --oidc-issuer-url: oidc.issuerUrl
  --(client-id|client-secret|cookie-secret)(-file)?: oidc.existingSecret
  --scope: oidc.scope
  --insecure-oidc-allow-unverified-email: oidc.unverifiedEmail
  --email-domain: oidc.emailDomains
  --allowed-group: oidc.allowedGroups
  --oidc-extra-audience: oidc.audiences
{{- end }}
