{{- /*
Rules for the values of this chart that the schema can't express. Further rules are in
the other files _checks_*.tpl.
  ray-cluster.checks  all rules
  ray.checks.modes    mode standalone has no setting that only KubeRay implements
  ray.checks.auth     token authentication is supported by the Ray version and by KubeRay
  ray.checks.traces   a PYTHONPATH in the list `env` at `path` includes the module that exports Serve's traces
*/}}
{{- define "ray-cluster.checks" }}
  {{- include "ray.checks.modes" . }}
  {{- include "ray.checks.ports" . }}
  {{- include "common.ownedChecks" (dict "ctx" $ "owned" (include "ray.owned" . | fromYaml)) }}
  {{- include "ray.checks.auth" . }}
  {{- include "ray.checks.user" (dict "path" "podSecurityContext" "context" .Values.podSecurityContext) }}
  {{- include "ray.checks.traces" (dict "ctx" $ "path" "extraEnv" "env" .Values.extraEnv) }}
  {{- include "ray.checks.node" (dict "ctx" $ "path" "head" "node" .Values.head) }}
  {{- include "ray.checks.groups" (dict "ctx" $ "path" "workerGroups") }}
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
              "wrong" "mode is standalone, which creates a cluster of fixed size without the KubeRay operator"
              "write" "remove the key, or write mode: kuberay") }}
      {{- end }}
    {{- end }}
  {{- end }}
{{- end }}

{{- define "ray.checks.auth" }}
  {{- if .Values.auth.enabled }}
    {{- if not .Values.rayVersion }}
      {{- include "common.problem" (dict
            "path" "rayVersion"
            "wrong" "auth.enabled is true, and KubeRay needs the Ray version to enable token authentication"
            "write" "write the version of Ray in the image") }}
    {{- else if semverCompare "<2.52.0-0" .Values.rayVersion }}
      {{- include "common.problem" (dict
            "path" "auth.enabled"
            "wrong" (printf "Ray %s has no token authentication" .Values.rayVersion)
            "write" "write false, or use Ray 2.52 or newer") }}
    {{- end }}
    {{- if and (eq .Values.mode "kuberay") (ne .Values.auth.existingSecret.keys.token "auth_token") }}
      {{- include "common.problem" (dict
            "path" "auth.existingSecret.keys.token"
            "wrong" "KubeRay reads the token from the key auth_token only"
            "write" "write auth_token, and use this key in the Secret") }}
    {{- end }}
  {{- end }}
{{- end }}

{{- define "ray.checks.traces" }}
  {{- $traced := not (empty .ctx.Values.global.monitoring.traces.endpoint) }}
  {{- range .env }}
    {{- $found := contains "/etc/ray/traces" (.value | default "") }}
    {{- if and $traced (eq .name "PYTHONPATH") (not $found) }}
      {{- include "common.problem" (dict
            "path" (printf "%s: PYTHONPATH" $.path)
            "wrong" (print "global.monitoring.traces.endpoint is set, and this path lacks /etc/ray/traces, "
              "from which Ray Serve imports the exporter of its traces")
            "write" (printf "write value: %s" (compact (list .value "/etc/ray/traces") | join ":"))) }}
    {{- end }}
  {{- end }}
{{- end }}
