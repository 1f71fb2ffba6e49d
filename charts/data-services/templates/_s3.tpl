{{- /*
The S3 server, SeaweedFS. One process runs a master, a volume server, a filer and the S3 gateway. All templates take the
root context.
*/}}

{{- /*
data-services.s3.endpoint renders the URL of the chart's own Service, whatever global.s3.host is.
*/}}
{{- define "data-services.s3.endpoint" }}
  {{- $scheme := .Values.s3.tls.enabled | ternary "https" "http" }}
  {{- $name := include "common.name" (dict "ctx" $ "app" "s3") }}
  {{- printf "%s://%s:%v" $scheme $name .Values.global.s3.port }}
{{- end }}

{{- /*
data-services.s3.command renders the command of the server. Master, volume server and filer listen on loopback; only the
gateway and the metrics listen on the pod's address.
*/}}
{{- define "data-services.s3.command" -}}
- sh
- -c
# SeaweedFS's servers sign requests to each other with a key that is random at each start. Without the key,
# every client of the gateway's gRPC port could gain administrator access.
- export WEED_JWT_FILER_SIGNING_KEY="$(head -c 32 /dev/urandom | base64)"; exec weed "$@"
- weed
- -logtostderr=true
- server
- -dir=/data
- -ip=127.0.0.1
- -ip.bind=127.0.0.1
- -s3
- -s3.ip.bind=0.0.0.0
- -s3.port={{ .Values.global.s3.port }}
{{- if .Values.s3.tls.enabled }}
- -s3.cert.file=/etc/ssl/server/tls.crt
- -s3.key.file=/etc/ssl/server/tls.key
{{- end }}
- -s3.port.iceberg=0
- -s3.port.lance=0
- -s3.autoCreateBucket=false
- -metricsIp=0.0.0.0
- -metricsPort=9327
- -master.telemetry=false
# A single master needs no election with other masters, which takes ten seconds by default.
- -master.electionTimeout=1s
- -master.volumeSizeLimitMB={{ .Values.s3.volumeFileSizeMB }}
# 0: as many volume files as fit on the disk.
- -volume.max=0
- -volume.preStopSeconds=1
{{- end }}

{{- /*
data-services.s3.login renders the credentials for the gateway.
*/}}
{{- define "data-services.s3.login" }}
  {{- include "common.s3Env" (dict "ctx" $) }}
  {{- include "data-services.generationEnv" (dict "ctx" $ "secret" .Values.global.s3.existingSecret) | nindent 0 }}
{{- end }}

{{- /*
data-services.s3.rebuild renders the init container that rebuilds the filer's index after a restore.
*/}}
{{- define "data-services.s3.rebuild" -}}
- name: rebuild
  {{- include "common.container" (merge (dict "ctx" $) (pick .Values.s3 "image" "resources")) | nindent 2 }}
  command:
    - sh
    - /scripts/rebuild.sh
    {{- slice (include "data-services.s3.command" . | fromYamlArray) 4 | toYaml | nindent 4 }}
  env:
    {{- include "common.s3Env" (dict "ctx" $) | nindent 4 }}
    {{- include "data-services.restoreEnv" . | nindent 4 }}
  volumeMounts:
    - {name: data, mountPath: /data}
    - {name: tmp, mountPath: /tmp}
    - {name: scripts, mountPath: /scripts}
    {{- include "data-services.tls.mount" .Values.s3 | nindent 4 }}
{{- end }}

{{- /*
data-services.s3.probes renders the handlers of the probes. The server is ready when gateway, filer and master
are ready, and alive when the gateway answers. The image's wget does not support the gateway's TLS: with TLS,
the readiness probe checks only the gateway, and filer and master are checked only by the startup probe.
*/}}
{{- define "data-services.s3.probes" }}
{{- $urls := list "http://127.0.0.1:8888/healthz" "http://127.0.0.1:9333/cluster/healthz" }}
{{- $get := dict "path" "/healthz" "port" "s3" "scheme" (.Values.s3.tls.enabled | ternary "HTTPS" "HTTP") }}
{{- $ready := dict "httpGet" (merge (dict "path" "/readyz") $get) }}
{{- if not .Values.s3.tls.enabled }}
  {{- $urls = prepend $urls (printf "http://127.0.0.1:%v/readyz" .Values.global.s3.port) }}
{{- end }}
{{- $whole := dict "exec" (dict "command" (list "sh" "-c" (printf "wget -q -O /dev/null %s" (join " " $urls)))) }}
{{- dict
      "startup" $whole
      "readiness" (.Values.s3.tls.enabled | ternary $ready $whole)
      "liveness" (dict "httpGet" $get) | toYaml }}
{{- end }}

{{- /*
data-services.checks.s3 renders a problem for each setting in global.s3 that the embedded S3 server does not support.
*/}}
{{- define "data-services.checks.s3" }}
  {{- $s3 := .Values.global.s3 }}
  {{- $secret := (include "common.s3Credentials" (dict "ctx" $) | fromJson).secret }}
  {{- $token := $secret.keys.sessionToken }}
  {{- $virtual := eq $s3.addressingStyle "virtual" }}
  {{- $checks := list
        (list (empty $s3.host) "host" "with an empty host, clients connect to AWS" "write s3")
        (list (empty $secret.name) "existingSecret.name" "the embedded server needs a Secret" "write a name")
        (list $token "existingSecret.keys.sessionToken" "the embedded server has no session tokens" "remove the key")
        (list $virtual "addressingStyle" "the embedded server's buckets have no host names" "write auto") }}
  {{- range $checks }}
    {{- if first . }}
      {{- include "common.problem" (dict
            "path" (printf "global.s3.%s" (index . 1))
            "wrong" (printf "s3.enabled is true, and %s" (index . 2))
            "write" (printf "%s, or s3.enabled: false for another S3 server" (last .))) }}
    {{- end }}
  {{- end }}
{{- end }}
