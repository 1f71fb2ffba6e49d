{{- /*
  data-services.redis.config   Redis's settings. Every write is in a log on the volume, and nothing
                               is evicted: what is stored here is stored nowhere else.
  data-services.redis.command  the server; its password comes in by standard input, each byte as
                               \xHH, so it may hold anything and is in no argument and no file
  data-services.redis.login    the password, for the server and for redis-cli in the probes
  data-services.redis.probes   ready: it takes commands, having read its log, and can write it.
                               Alive: it answers at all.
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

{{- define "data-services.redis.command" -}}
- bash
- -c
- |
  [[ $REDISCLI_AUTH ]] || { echo "the password in the Secret is empty: write the key anew" >&2; exit 1; }
  password=$(printf %s "$REDISCLI_AUTH" | od -An -v -tx1 | tr -d ' \n' | sed 's/../\\x&/g')
  exec redis-server /etc/redis/redis.conf - <<<"requirepass \"$password\""
{{- end }}

{{- define "data-services.redis.login" }}
  {{- include "common.secretEnv" (dict
        "secret" .Values.global.redis.existingSecret
        "env" (dict "REDISCLI_AUTH" "password")) }}
  {{- include "data-services.generationEnv" (dict "ctx" $ "secret" .Values.global.redis.existingSecret) | nindent 0 }}
{{- end }}

{{- define "data-services.redis.probes" }}
  {{- $tls := .Values.redis.tls.enabled | ternary " --tls --insecure" "" }}
  {{- $ping := printf "redis-cli -p %v%s ping" .Values.global.redis.port $tls }}
  {{- $script := `answer=$(%s 2>&1); [[ $answer == PONG ]] || { echo "$answer"; exit 1; }` }}
  {{- $ready := dict "exec" (dict "command" (list "bash" "-c" (printf $script $ping))) }}
  {{- $alive := dict "exec" (dict "command" (splitList " " $ping)) }}
  {{- dict "startup" $ready "readiness" $ready "liveness" $alive | toYaml }}
{{- end }}
