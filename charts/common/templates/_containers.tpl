{{- /*
common.container renders the image, the security context and the resources of a container. Takes
`ctx`, `image` and `resources`, and fails if one is missing. Requests and limits with the value null are omitted.
*/}}
{{- define "common.container" }}
  {{- include "common.need" (list "common.container" . "ctx" "image" "resources") -}}
image: {{ include "common.image" . | quote }}
imagePullPolicy: {{ .image.pullPolicy | default "IfNotPresent" }}
securityContext:
  {{- include "common.containerSecurityContext" . | nindent 2 }}
{{- $resources := deepCopy .resources }}
{{- range $amounts := pick $resources "requests" "limits" }}
  {{- range $name, $amount := $amounts }}
    {{- if kindIs "invalid" $amount }}
      {{- $_ := unset $amounts $name }}
    {{- end }}
  {{- end }}
{{- end }}
resources:
  {{- toYaml $resources | nindent 2 }}
{{- end }}

{{- /*
common.env renders the environment of a container as a YAML list. Takes `env`, a rendered YAML list,
and `extra`, a list of entries that replace entries of the same name, since the API server refuses
a name that occurs twice. Fails without `env` or `extra`.
*/}}
{{- define "common.env" }}
  {{- include "common.need" (list "common.env" . "env" "extra") }}
  {{- $entries := concat (.env | fromYamlArray) .extra }}
  {{- $names := list }}
  {{- range $entries }}
    {{- $names = append $names .name }}
  {{- end }}
  {{- $last := list }}
  {{- range $at, $entry := $entries }}
    {{- if not (has $entry.name (slice $names (add1 $at))) }}
      {{- $last = append $last $entry }}
    {{- end }}
  {{- end }}
  {{- toYaml $last }}
{{- end }}

{{- /*
common.caBundleEnv renders the variables by which programs trust the file ca.crt in the `folder` where a chart mounts
.Values.caBundle.existingSecret. It renders nothing if that Secret has no name. Each program reads its own variable:
  AWS_CA_BUNDLE                     AWS SDKs (botocore/configprovider.py), such as boto3 and s3fs
  CURL_CA_BUNDLE                    curl (its manual)
  GIT_SSL_CAINFO                    git (http.c), which does not read SSL_CERT_FILE
  GRPC_DEFAULT_SSL_ROOTS_FILE_PATH  gRPC (doc/environment_variables.md), which has certificates of its own
  REQUESTS_CA_BUNDLE                requests and pip (requests/sessions.py), azure-core, google-auth
  SSL_CERT_FILE                     OpenSSL: Python's ssl, httpx, aiohttp, redis-py, libarrow; Go's crypto/x509
libpq trusts PGSSLROOTCERT only, which common.postgresqlEnv renders. Takes `ctx` and `folder`, and fails if one is
missing.
*/}}
{{- define "common.caBundleEnv" }}
  {{- include "common.need" (list "common.caBundleEnv" . "ctx" "folder") }}
  {{- if (.ctx.Values.caBundle.existingSecret).name }}
    {{- range list
          "AWS_CA_BUNDLE" "CURL_CA_BUNDLE" "GIT_SSL_CAINFO" "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH"
          "REQUESTS_CA_BUNDLE" "SSL_CERT_FILE" }}
- name: {{ . }}
  value: {{ $.folder }}/ca.crt
    {{- end }}
  {{- end }}
{{- end }}
