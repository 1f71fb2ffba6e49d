{{- /*
What the schema can't say about the values of this chart.
  ray.checks         all of it
  ray.checks.modes   what only one of the modes can do
  ray.checks.redis   Ray's own variables beside gcsFaultTolerance
  ray.checks.nodes   each node's values; the rest is in _checks_nodes.tpl and _checks_kuberay.tpl
  ray.checks.auth    the token
  ray.checks.traces  the way to the module that sends Serve's traces, in the list `env` at `path`
*/}}
{{- define "ray.checks" }}
  {{- include "ray.checks.modes" . }}
  {{- include "ray.checks.ports" . }}
  {{- include "ray.checks.redis" . }}
  {{- include "ray.checks.auth" . }}
  {{- include "ray.checks.traces" (dict "ctx" $ "path" "extraEnv" "env" .Values.extraEnv) }}
  {{- include "ray.checks.node" (dict "ctx" $ "path" "head" "node" .Values.head) }}
  {{- range $name, $group := include "ray.groups" . | fromJson }}
    {{- include "ray.checks.node" (dict "ctx" $ "path" (print "workerGroups." $name) "node" $group) }}
    {{- include "ray.checks.group" (dict "ctx" $ "path" (print "workerGroups." $name) "node" $group "name" $name) }}
  {{- end }}
  {{- if eq .Values.mode "kuberay" }}
    {{- include "ray.checks.kuberay" . }}
  {{- end }}
  {{- include "common.routeChecks" (dict "ctx" $) }}
{{- end }}

{{- define "ray.checks.modes" }}
  {{- if eq .Values.mode "standalone" }}
    {{- range $path, $set := dict
          "autoscaling.enabled" .Values.autoscaling.enabled
          "services" .Values.services
          "kuberay.suspend" .Values.kuberay.suspend
          "kuberay.extraSpec" .Values.kuberay.extraSpec }}
      {{- if $set }}
        {{- include "common.problem" (dict
              "path" $path
              "wrong" "mode is standalone, which draws a cluster of fixed size without an operator"
              "write" "leave it out, or write mode: kuberay") }}
      {{- end }}
    {{- end }}
  {{- end }}
{{- end }}

{{- define "ray.checks.redis" }}
  {{- $given := dict "extraEnv" .Values.extraEnv "head.extraEnv" .Values.head.extraEnv }}
  {{- range $path, $env := $given }}
    {{- range $env }}
      {{- if has .name (list "RAY_REDIS_ADDRESS" "REDIS_PASSWORD" "REDIS_USERNAME" "RAY_external_storage_namespace") }}
        {{- include "common.problem" (dict
              "path" (printf "%s: %s" $path .name)
              "wrong" "Ray and KubeRay take it for another way to keep the head's knowledge in Redis"
              "write" "leave it out, and write gcsFaultTolerance.enabled: true and global.redis") }}
      {{- end }}
    {{- end }}
  {{- end }}
  {{- range $option := list "redis-password" "redis-username" }}
    {{- if hasKey $.Values.head.rayStartParams $option }}
      {{- include "common.problem" (dict
            "path" (printf "head.rayStartParams.%s" $option)
            "wrong" "a secret stands in no values"
            "write" "leave it out; global.redis.existingSecret is where Redis's password is") }}
    {{- end }}
  {{- end }}
{{- end }}

{{- define "ray.checks.auth" }}
  {{- if .Values.auth.enabled }}
    {{- if not .Values.rayVersion }}
      {{- include "common.problem" (dict
            "path" "rayVersion"
            "wrong" "auth.enabled is true, and KubeRay must know that this Ray has tokens"
            "write" "write the version of Ray in the image") }}
    {{- else if semverCompare "<2.52.0-0" .Values.rayVersion }}
      {{- include "common.problem" (dict
            "path" "auth.enabled"
            "wrong" (printf "Ray %s knows no tokens" .Values.rayVersion)
            "write" "write false, or take Ray 2.52 or newer") }}
    {{- end }}
    {{- if and (eq .Values.mode "kuberay") (ne .Values.auth.existingSecret.keys.token "auth_token") }}
      {{- include "common.problem" (dict
            "path" "auth.existingSecret.keys.token"
            "wrong" "KubeRay looks for the token under no other key than auth_token"
            "write" "write auth_token, and call the key in the Secret so") }}
    {{- end }}
  {{- end }}
{{- end }}

{{- define "ray.checks.traces" }}
  {{- range .env }}
    {{- if and (eq .name "PYTHONPATH") $.ctx.Values.global.monitoring.traces.endpoint (not (contains "/etc/ray/traces" (.value | default ""))) }}
      {{- include "common.problem" (dict
            "path" (printf "%s: PYTHONPATH" $.path)
            "wrong" "global.monitoring.traces.endpoint is set, and Serve would not find what sends its traces"
            "write" (printf "write value: %s" (compact (list .value "/etc/ray/traces") | join ":"))) }}
    {{- end }}
  {{- end }}
{{- end }}
