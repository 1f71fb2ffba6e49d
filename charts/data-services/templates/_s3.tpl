{{- /*
  data-services.s3.endpoint  the store's URL, whatever clients are told
  data-services.s3.command   SeaweedFS in one process. Its parts talk over loopback; only the S3
                             gateway and the metrics face the cluster.
  data-services.s3.login     its credentials, for the gateway
  data-services.s3.rebuild   the container that makes the index of a restored store anew
  data-services.s3.probes    ready: the gateway listens, the filer's store answers, and a master
                             leads. Alive: the gateway answers. The image's wget is too old for TLS; with
                            it kubelet asks the gateway, and the parts are asked at the start only.
*/}}
{{- define "data-services.s3.endpoint" }}
  {{- $scheme := .Values.s3.tls.enabled | ternary "https" "http" }}
  {{- $name := include "common.name" (dict "ctx" $ "app" "s3") }}
  {{- printf "%s://%s:%v" $scheme $name .Values.global.s3.port }}
{{- end }}

{{- define "data-services.s3.command" -}}
- sh
- -c
# Its parts prove themselves to each other by a key that lives as long as the process. Without one,
# whoever reaches the gateway's gRPC port could make himself an administrator.
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
# Alone, the master need not wait ten seconds for others before it leads.
- -master.electionTimeout=1s
- -master.volumeSizeLimitMB={{ .Values.s3.volumeFileSizeMB }}
# As many volume files as the disk has room for.
- -volume.max=0
- -volume.preStopSeconds=1
{{- end }}

{{- define "data-services.s3.login" }}
  {{- include "common.s3Env" (dict "ctx" $) }}
  {{- include "data-services.generationEnv" (dict "ctx" $ "secret" .Values.global.s3.existingSecret) | nindent 0 }}
{{- end }}

{{- define "data-services.s3.rebuild" -}}
- name: rebuild
  {{- include "common.container" (merge (dict "ctx" $) (pick .Values.s3 "image" "resources")) | nindent 2 }}
  command:
    - sh
    - /scripts/rebuild.sh
    {{- slice (include "data-services.s3.command" . | fromYamlArray) 4 | toYaml | nindent 4 }}
  env:
    {{- include "common.s3Env" (dict "ctx" $) | nindent 4 }}
    {{- include "data-services.restored" . | nindent 4 }}
  volumeMounts:
    - {name: data, mountPath: /data}
    - {name: tmp, mountPath: /tmp}
    - {name: scripts, mountPath: /scripts}
    {{- include "data-services.tls.mount" .Values.s3 | nindent 4 }}
{{- end }}

{{- define "data-services.s3.probes" }}
{{- $parts := list "http://127.0.0.1:8888/healthz" "http://127.0.0.1:9333/cluster/healthz" }}
{{- $get := dict "path" "/healthz" "port" "s3" "scheme" (.Values.s3.tls.enabled | ternary "HTTPS" "HTTP") }}
{{- $ready := dict "httpGet" (merge (dict "path" "/readyz") $get) }}
{{- if not .Values.s3.tls.enabled }}
  {{- $parts = prepend $parts (printf "http://127.0.0.1:%v/readyz" .Values.global.s3.port) }}
{{- end }}
{{- $whole := dict "exec" (dict "command" (list "sh" "-c" (printf "wget -q -O /dev/null %s" (join " " $parts)))) }}
{{- dict
      "startup" $whole
      "readiness" (.Values.s3.tls.enabled | ternary $ready $whole)
      "liveness" (dict "httpGet" $get) | toYaml }}
{{- end }}
