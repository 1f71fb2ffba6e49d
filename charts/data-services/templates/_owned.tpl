{{- /*
data-services.owned renders, as YAML for common.ownedChecks, the variables and settings that users must not set because
the chart sets them. Names of PostgreSQL's parameters are case-insensitive. Takes the root context.
*/}}
{{- define "data-services.owned" -}}
postgresql.extraEnv:
  CREDENTIALS_GENERATION: credentials.generation
  PG(DATA|HOST): ""
  PGPORT: global.postgresql.port
  PGUSER|PGPASSWORD: postgresql.superuser.existingSecret
postgresql.settings:
  (?i:listen_addresses|unix_socket_directories|(data_directory|config_file|hba_file|ident_file)|include.*): ""
  (?i:password_encryption): ""
  (?i:port): global.postgresql.port
  (?i:ssl|ssl_cert_file|ssl_key_file): postgresql.tls
redis.extraEnv:
  CREDENTIALS_GENERATION: credentials.generation
  REDISCLI_AUTH|REDIS_USERNAME: global.redis.existingSecret
redis.settings:
  requirepass: global.redis.existingSecret
  dir|include|user|aclfile: ""
  port: global.redis.port
  tls-(port|cert-file|key-file|auth-clients): redis.tls
  maxmemory: redis.maxMemoryPercent
  maxmemory-policy: ""
s3.extraEnv:
  CREDENTIALS_GENERATION: credentials.generation
  {{- include "common.owned.s3" . | nindent 2 }}
  WEED_JWT_FILER_SIGNING_KEY: ""
{{- end }}
