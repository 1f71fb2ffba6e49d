{{- /*
Pods of the release. Each chart lists in its named template CHART.capacity the templates that create
pods, as a JSON list of {template, lower, most, name}: `lower` is the value that reduces the number of
pods, `most` the maximum of an autoscaler, `name` selects one object of the template, or one group of a
RayCluster.
  254carbon.pods       pods that an `object` creates, as a JSON list: name, kind (server, job or test),
                       their number (`pods`), the additional number during an update (`surge`), the pod
                       template, and the `containers` and `inits` that an operator adds to it
  254carbon.rayPods    pods of a RayCluster's `spec`, as a JSON list of the same shape: the head and each
                       worker group, with the autoscaler that KubeRay adds to the head and the init
                       container that KubeRay adds to workers. KubeRay's code sets the resources of both
  254carbon.workloads  all pods of the release, as a JSON list: name, kind, pods, surge, requests, limits,
                       labels, account (ServiceAccount), token and priority (PriorityClass) of the pods, and `lower`
                       with the chart's name before it
*/}}
{{- define "254carbon.pods" }}
  {{- $spec := .object.spec | default dict }}
  {{- $replicas := hasKey $spec "replicas" | ternary $spec.replicas 1 }}
  {{- $name := (.object.metadata | default dict).name }}
  {{- $defaults := dict "name" $name "kind" "server" "pods" $replicas "surge" 0 }}
  {{- $pods := list }}
  {{- $kind := .object.kind | default "" }}
  {{- if eq $kind "Deployment" }}
    {{- $rolling := ($spec.strategy | default dict).rollingUpdate | default dict }}
    {{- $default := eq (($spec.strategy | default dict).type | default "") "Recreate" | ternary 0 "25%" }}
    {{- $surge := hasKey $rolling "maxSurge" | ternary (get $rolling "maxSurge") $default }}
    {{- $pods = list (merge (dict "surge" $surge "pod" $spec.template) $defaults) }}
  {{- else if eq $kind "StatefulSet" }}
    {{- $pods = list (merge (dict "pod" $spec.template) $defaults) }}
  {{- else if eq $kind "Job" }}
    {{- $pods = list (merge (dict "kind" "job" "pod" $spec.template) $defaults) }}
  {{- else if eq $kind "CronJob" }}
    {{- $pods = list (merge (dict "kind" "job" "pod" $spec.jobTemplate.spec.template) $defaults) }}
  {{- else if eq $kind "Pod" }}
    {{- $pods = list (merge (dict "kind" "test" "pod" (pick .object "metadata" "spec")) $defaults) }}
  {{- else if eq $kind "RayCluster" }}
    {{- $pods = include "254carbon.rayPods" (dict "spec" $spec "defaults" $defaults) | fromJsonArray }}
  {{- else if eq $kind "RayService" }}
    {{- /* An update starts a second cluster before KubeRay deletes the first. */}}
    {{- $clusters := eq (($spec.upgradeStrategy | default dict).type | default "") "None" | ternary 1 2 }}
    {{- $ray := dict "spec" $spec.rayClusterConfig "defaults" $defaults }}
    {{- range include "254carbon.rayPods" $ray | fromJsonArray }}
      {{- $pods = append $pods (merge (dict "pods" (mul $clusters .pods)) .) }}
    {{- end }}
  {{- end }}
  {{- $pods | toJson }}
{{- end }}

{{- define "254carbon.rayPods" }}
  {{- include "common.need" (list "254carbon.rayPods" . "spec" "defaults") }}
  {{- $autoscaler := list }}
  {{- if .spec.enableInTreeAutoscaling }}
    {{- $default := dict "limits" (dict "cpu" "500m" "memory" "512Mi") }}
    {{- $autoscaler = list (dict "resources" ((.spec.autoscalerOptions | default dict).resources | default $default)) }}
  {{- end }}
  {{- $waiting := list (dict "resources" (dict "limits" (dict "cpu" "200m" "memory" "256Mi"))) }}
  {{- $head := dict "name" "head" "pods" 1 "pod" .spec.headGroupSpec.template "containers" $autoscaler }}
  {{- $pods := list (merge $head .defaults) }}
  {{- range .spec.workerGroupSpecs }}
    {{- $maxPods := mul (.maxReplicas | default .replicas) (.numOfHosts | default 1) }}
    {{- $workers := dict "name" .groupName "pods" $maxPods "pod" .template "inits" $waiting }}
    {{- $pods = append $pods (merge $workers $.defaults) }}
  {{- end }}
  {{- $pods | toJson }}
{{- end }}

{{- define "254carbon.workloads" }}
  {{- $workloads := list }}
  {{- range $chart, $ctx := .Subcharts }}
    {{- $templates := list }}
    {{- if ne ($ctx.Chart.Type | default "") "library" }}
      {{- $templates = include (printf "%s.capacity" $chart) $ctx | fromJsonArray }}
    {{- end }}
    {{- range $listed := $templates }}
      {{- $rendered := include (printf "%s/charts/%s/templates/%s" $.Chart.Name $chart .template) $ctx }}
      {{- range regexSplit "(?m)^---$" $rendered -1 }}
        {{- range include "254carbon.pods" (dict "object" (fromYaml .)) | fromJsonArray }}
          {{- if eq .name ($listed.name | default .name) }}
            {{- $pods := max (int64 .pods) (int64 ($listed.most | default 0)) }}
            {{- $surge := toString .surge }}
            {{- if hasSuffix "%" $surge }}
              {{- $surge = divf (mulf $pods (trimSuffix "%" $surge)) 100 | ceil }}
            {{- end }}
            {{- $pod := merge (dict "proxy" $.Values.capacity.proxy) . }}
            {{- $amounts := include "254carbon.podAmounts" $pod | fromJson }}
            {{- $lower := printf "%s.%s" $chart $listed.lower }}
            {{- $workload := dict "pods" $pods "surge" (int64 $surge) "lower" $lower }}
            {{- $_ := set $workload "labels" ((.pod.metadata | default dict).labels | default dict) }}
            {{- $_ := set $workload "account" (.pod.spec.serviceAccountName | default "default") }}
            {{- $_ := set $workload "token" (include "254carbon.token" (pick . "pod")) }}
            {{- $_ := set $workload "priority" (.pod.spec.priorityClassName | default "") }}
            {{- $workloads = append $workloads (merge $workload $amounts (pick . "name" "kind")) }}
          {{- end }}
        {{- end }}
      {{- end }}
    {{- end }}
  {{- end }}
  {{- $workloads | toJson }}
{{- end }}
