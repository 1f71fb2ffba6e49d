{{- /*
Redis. All templates take the root context. The image is Valkey or Redis: both have the programs redis-server and
redis-cli, since `make install` of Valkey adds links of these names (USE_REDIS_SYMLINKS in its src/Makefile).
*/}}

{{- /*
data-services.redis.config renders redis.conf. Redis logs each write to the append-only file and evicts no keys, since
its data is stored nowhere else.
*/}}
{{- define "data-services.redis.config" }}
  {{- $redis := .Values.redis }}
  {{- $limit := include "common.bytes" (dict "quantity" $redis.resources.limits.memory) -}}
{{ $redis.tls.enabled | ternary "tls-port" "port" }} {{ .Values.global.redis.port }}
  {{- if $redis.tls.enabled }}
port 0
tls-cert-file /etc/ssl/server/tls.crt
tls-key-file /etc/ssl/server/tls.key
tls-auth-clients no
  {{- end }}
dir /data
appendonly yes
save ""
maxmemory {{ div (mul $limit $redis.maxMemoryPercent) 100 }}
maxmemory-policy noeviction
  {{- range $name, $value := $redis.settings }}
{{ $name }} {{ $value }}
  {{- end }}
{{- end }}

{{- /*
data-services.redis.command renders the command of the server. The password is passed by standard input, each byte as
\xHH, so that any character is allowed and no argument or file contains the password. A user name in the Secret is an
ACL user with the password and the rights of the user `default`, as whom the probes and the backup log in. The command
replaces the image's entrypoint, which sets the same umask; the rest of the entrypoint concerns containers that start as
root.
*/}}
{{- define "data-services.redis.command" -}}
- bash
- -c
- |
  [[ $REDISCLI_AUTH ]] || { echo "the password in the Secret is empty: set the key to a password" >&2; exit 1; }
  password=$(printf %s "$REDISCLI_AUTH" | od -An -v -tx1 | tr -d ' \n' | sed 's/../\\x&/g')
  {{- if .Values.global.redis.existingSecret.keys.username }}
  [[ $REDIS_USERNAME ]] || { echo "the user name in the Secret is empty: set the key to a name" >&2; exit 1; }
  user=$(printf %s "$REDIS_USERNAME" | od -An -v -tx1 | tr -d ' \n' | sed 's/../\\x&/g')
  umask 0077
  exec redis-server /etc/redis/redis.conf - <<END
  requirepass "$password"
  user "$user" on ">$password" ~* &* +@all
  END
  {{- else }}
  umask 0077
  exec redis-server /etc/redis/redis.conf - <<<"requirepass \"$password\""
  {{- end }}
{{- end }}

{{- /*
data-services.redis.login renders the user name, if the Secret has one, and the password for the server and for
redis-cli in the probes.
*/}}
{{- define "data-services.redis.login" }}
  {{- $secret := .Values.global.redis.existingSecret }}
  {{- $user := $secret.keys.username | empty | ternary dict (dict "REDIS_USERNAME" "username") }}
  {{- include "common.secretEnv" (dict
        "secret" $secret
        "env" (merge (dict "REDISCLI_AUTH" "password") $user)) }}
  {{- include "data-services.generationEnv" (dict "ctx" $ "secret" .Values.global.redis.existingSecret) | nindent 0 }}
{{- end }}

{{- /*
data-services.redis.probes renders the handlers of the probes. Redis is ready when it answers PONG (the append-only file
is loaded and writable), and alive when it answers at all.
*/}}
{{- define "data-services.redis.probes" }}
  {{- $tls := .Values.redis.tls.enabled | ternary " --tls --insecure" "" }}
  {{- $ping := printf "redis-cli -p %v%s ping" .Values.global.redis.port $tls }}
  {{- $script := `answer=$(%s 2>&1); [[ $answer == PONG ]] || { echo "$answer"; exit 1; }` }}
  {{- $ready := dict "exec" (dict "command" (list "bash" "-c" (printf $script $ping))) }}
  {{- $alive := dict "exec" (dict "command" (splitList " " $ping)) }}
  {{- dict "startup" $ready "readiness" $ready "liveness" $alive | toYaml }}
{{- end }}
