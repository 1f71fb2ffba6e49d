{{- /*
ray.checks.services renders the problems of .Values.services: of the image and the worker groups of each entry, which
have no PodDisruptionBudget, of the entry's routes to Ray Serve, and of host names that two routes of the chart share.
*/}}
{{- define "ray.checks.services" }}
  {{- range $section, $key := dict "ingress" "hosts" "httpRoute" "hostnames" }}
    {{- $lists := dict }}
    {{- range $path, $values := merge (dict "" $.Values) $.Values.services }}
      {{- with get $values $section }}
        {{- if .enabled }}
          {{- $at := list ($path | empty | ternary "" (print "services." $path)) $section $key | compact | join "." }}
          {{- $_ := set $lists $at (get . $key) }}
        {{- end }}
      {{- end }}
    {{- end }}
    {{- include "common.hostChecks" (dict "lists" $lists) }}
  {{- end }}
  {{- range $name, $service := .Values.services }}
    {{- $path := print "services." $name }}
    {{- $values := include "ray.serviceValues" (dict "ctx" $ "service" $service) | fromJson }}
    {{- $ctx := merge (dict "Values" $values) (omit $ "Values") }}
    {{- if or $service.image $service.workerGroups }}
      {{- include "ray.checks.image" (dict "ctx" $ctx "path" $path "node" $ctx.Values.head) }}
      {{- include "ray.checks.architecture" (dict "ctx" $ctx "path" (print $path ".") "node" $ctx.Values.head) }}
      {{- include "ray.checks.groups" (dict "ctx" $ctx "path" (print $path ".workerGroups")) }}
    {{- end }}
    {{- range $group, $set := $service.workerGroups }}
      {{- if hasKey ($set | default dict) "podDisruptionBudget" }}
        {{- include "common.problem" (dict
              "path" (printf "%s.workerGroups.%s.podDisruptionBudget" $path $group)
              "wrong" "mode kuberay, which services need, creates no PodDisruptionBudget"
              "write" "remove the key") }}
      {{- end }}
    {{- end }}
    {{- $queued := dict "ctx" $ctx "groups" (print $path ".workerGroups") }}
    {{- if hasKey ($service.labels | default dict) "kueue.x-k8s.io/queue-name" }}
      {{- $queued = merge $queued (dict "path" $path "labels" $service.labels) }}
      {{- $annotations := $service.annotations | default dict }}
      {{- include "ray.checks.kueue" (merge (dict "annotations" $annotations) $queued) }}
    {{- end }}
    {{- if $service.workerGroups }}
      {{- include "ray.checks.kueueGroups" (merge $queued (dict "path" "kuberay" "labels" $.Values.kuberay.labels)) }}
    {{- end }}
    {{- $closed := dict "enabled" false }}
    {{- $routes := dict
          "ingress" ($service.ingress | default $closed)
          "httpRoute" ($service.httpRoute | default $closed) }}
    {{- $routed := dict "Values" $routes "Capabilities" $.Capabilities }}
    {{- include "common.routeChecks" (dict "ctx" $routed "path" (print $path ".")) }}
  {{- end }}
{{- end }}
