{{- /*
Rules for the values of a `node`, the head or a worker group, at `path`.
  ray.checks.node     limits, ports, options, restart policy, image and environment of a node
  ray.checks.volumes  the pod has each volume that its containers mount. The API server does not validate the pods in a
                      RayCluster, so KubeRay would create no pod
  ray.checks.options  rayStartParams sets no resource twice, valid resources, and an address of the dashboard that
                      clients reach
*/}}
{{- define "ray.checks.node" }}
  {{- $memory := dig "resources" "limits" "memory" "" .node }}
  {{- $cpu := or (dig "resources" "limits" "cpu" "" .node) (dig "resources" "requests" "cpu" "" .node) }}
  {{- $cpu = or $cpu .node.rayResources.CPU (index .node.rayStartParams "num-cpus") }}
  {{- if not $memory }}
    {{- include "common.problem" (dict
          "path" (printf "%s.resources.limits.memory" .path)
          "wrong" "the limit is missing, from which the chart derives the memory that the Ray node offers to tasks"
          "write" "write a limit, such as 4Gi") }}
  {{- end }}
  {{- if not $cpu }}
    {{- include "common.problem" (dict
          "path" (printf "%s.resources" .path)
          "wrong" (print "requests.cpu and limits.cpu are missing, from which the chart derives the number of CPUs "
            "that the Ray node offers to tasks")
          "write" (printf "write one of the two, or %s.rayResources.CPU" .path)) }}
  {{- end }}
  {{- if and $memory $cpu }}
    {{- include "ray.checks.workerPorts" . }}
    {{- include "ray.checks.options" . }}
    {{- include "ray.checks.resources" . }}
  {{- end }}
  {{- $autoscaling := .ctx.Values.autoscaling }}
  {{- if and $autoscaling.enabled (eq $autoscaling.version "v2") .node.restartPolicy (ne .node.restartPolicy "Never") }}
    {{- include "common.problem" (dict
          "path" (printf "%s.restartPolicy" .path)
          "wrong" (printf "the autoscaler v2 recreates failed pods itself, which %s prevents" .node.restartPolicy)
          "write" "write Never or leave it empty, or write autoscaling.version: v1") }}
  {{- else if and (eq .ctx.Values.mode "standalone") (ne (.node.restartPolicy | default "Always") "Always") }}
    {{- include "common.problem" (dict
          "path" (printf "%s.restartPolicy" .path)
          "wrong" (printf "Kubernetes refuses %s for the Deployments of mode standalone" .node.restartPolicy)
          "write" "write Always or leave it empty, or write mode: kuberay") }}
  {{- end }}
  {{- include "common.claimChecks" (dict "values" .node "prefix" (printf "%s." .path)) }}
  {{- if eq .ctx.Values.mode "kuberay" }}
    {{- include "ray.checks.volumes" . }}
  {{- end }}
  {{- include "common.containerChecks" (dict
        "values" .node
        "prefix" (printf "%s." .path)
        "own" (dict
          "wait-for-.*" true
          (eq .path "head" | ternary "ray-head" "ray-worker") true
          "autoscaler" (and (eq .path "head") .ctx.Values.autoscaling.enabled)
          "wait-gcs-ready" (and (ne .path "head") (eq .ctx.Values.mode "kuberay")))) }}
  {{- include "ray.checks.image" . }}
  {{- include "ray.checks.architecture" (merge (dict "path" (printf "%s." .path)) .) }}
  {{- include "ray.checks.containers" . }}
  {{- include "ray.checks.traces" (dict "ctx" .ctx "path" (printf "%s.extraEnv" .path) "env" .node.extraEnv) }}
{{- end }}

{{- define "ray.checks.volumes" }}
  {{- $role := eq .path "head" | ternary "head" "worker" }}
  {{- $names := list }}
  {{- range include "ray.volumes" (merge (dict "role" $role) .) | fromYamlArray }}
    {{- $names = append $names .name }}
  {{- end }}
  {{- $mounts := dict "extraVolumeMounts" .node.extraVolumeMounts }}
  {{- range $key := list "extraSidecars" "extraInitContainers" "extraContainers" }}
    {{- range $number, $container := index $.node $key }}
      {{- $_ := set $mounts (printf "%s[%d].volumeMounts" $key $number) ($container.volumeMounts | default list) }}
    {{- end }}
  {{- end }}
  {{- range $path, $list := $mounts }}
    {{- range $list }}
      {{- if not (has .name $names) }}
        {{- include "common.problem" (dict
              "path" (printf "%s.%s" $.path $path)
              "wrong" (printf "the pod has no volume %s" .name)
              "write" (printf "add it to %s.extraVolumes, or write one of: %s" $.path (join ", " $names))) }}
      {{- end }}
    {{- end }}
  {{- end }}
{{- end }}

{{- define "ray.checks.options" }}
  {{- range $option, $resource := dict "num-cpus" "CPU" "num-gpus" "GPU" "memory" "memory" "resources" "" }}
    {{- $custom := and (eq $option "resources") $.node.rayResources }}
    {{- if and (hasKey $.node.rayStartParams $option) (or $custom (hasKey $.node.rayResources $resource)) }}
      {{- include "common.problem" (dict
            "path" (printf "%s.rayStartParams.%s" $.path $option)
            "wrong" (printf "%s.rayResources sets the same resource" $.path)
            "write" (printf "leave out either %s or the entry of rayResources" $option)) }}
    {{- end }}
  {{- end }}
  {{- with .node.rayStartParams.resources }}
    {{- $parsed := fromJson . }}
    {{- range $name, $amount := hasKey $parsed "Error" | ternary dict $parsed }}
      {{- if not (kindIs "float64" $amount) }}
        {{- include "common.problem" (dict
              "path" (printf "%s.rayStartParams.resources" $.path)
              "wrong" (printf "the amount of %s is no number" $name)
              "write" "write a number without quotes, such as 2") }}
      {{- end }}
    {{- end }}
    {{- if or (hasKey $parsed "Error") (not (hasPrefix "{" (trim .))) }}
      {{- include "common.problem" (dict
            "path" (printf "%s.rayStartParams.resources" $.path)
            "wrong" (printf "%s is no JSON object" .)
            "write" (print "write rayResources, or JSON without further quotes or backslashes such as '{\"disk\": 2}'; "
              "the chart quotes it for the shell")) }}
    {{- end }}
  {{- end }}
  {{- $host := get .node.rayStartParams "dashboard-host" | default "0.0.0.0" }}
  {{- if and (eq .path "head") (not (has $host (list "0.0.0.0" "::"))) }}
    {{- include "common.problem" (dict
          "path" (printf "%s.rayStartParams.dashboard-host" .path)
          "wrong" (printf "the dashboard would listen on %s only, and clients connect to the pod's IP address" $host)
          "write" "remove the option, or write \"::\" in a cluster with IPv6") }}
  {{- end }}
{{- end }}
