{{- /*
  254carbon.pods       the pods that an `object` makes, as a JSON list: name, kind (server, job or
                       test), how many it says (`pods`), how many more while they are replaced
                       (`surge`), the pod, and what an operator adds to it (`containers`, `inits`)
  254carbon.rayPods    the same of a RayCluster's `spec`: the head and each group. KubeRay adds an
                       autoscaler to the head and an init container to workers, and its code says
                       how big they are
  254carbon.workloads  all pods of the release, as a JSON list of the same without the pod but with
                       its amounts, and `lower`, the value by which there are fewer
Each chart states in CHART.capacity which of its templates make pods, as a JSON list of {template,
lower}; `most` where an autoscaler may make more pods than the object says, `name` to speak of one
object, or one group of a RayCluster, that the template draws among others.
*/}}
{{- define "254carbon.pods" }}
  {{- $spec := .object.spec | default dict }}
  {{- $one := dict "name" (.object.metadata | default dict).name "kind" "server" "pods" (hasKey $spec "replicas" | ternary $spec.replicas 1) "surge" 0 }}
  {{- $pods := list }}
  {{- $kind := .object.kind | default "" }}
  {{- if eq $kind "Deployment" }}
    {{- $rolling := ($spec.strategy | default dict).rollingUpdate | default dict }}
    {{- $usual := eq (($spec.strategy | default dict).type | default "") "Recreate" | ternary 0 "25%" }}
    {{- $surge := hasKey $rolling "maxSurge" | ternary (get $rolling "maxSurge") $usual }}
    {{- $pods = list (merge (dict "surge" $surge "pod" $spec.template) $one) }}
  {{- else if eq $kind "StatefulSet" }}
    {{- $pods = list (merge (dict "pod" $spec.template) $one) }}
  {{- else if eq $kind "Job" }}
    {{- $pods = list (merge (dict "kind" "job" "pod" $spec.template) $one) }}
  {{- else if eq $kind "CronJob" }}
    {{- $pods = list (merge (dict "kind" "job" "pod" $spec.jobTemplate.spec.template) $one) }}
  {{- else if eq $kind "Pod" }}
    {{- $pods = list (merge (dict "kind" "test" "pod" (pick .object "metadata" "spec")) $one) }}
  {{- else if eq $kind "RayCluster" }}
    {{- $pods = include "254carbon.rayPods" (dict "spec" $spec "one" $one) | fromJsonArray }}
  {{- else if eq $kind "RayService" }}
    {{- /* Another cluster is started before the old one goes. */}}
    {{- $clusters := eq (($spec.upgradeStrategy | default dict).type | default "") "None" | ternary 1 2 }}
    {{- range include "254carbon.rayPods" (dict "spec" $spec.rayClusterConfig "one" $one) | fromJsonArray }}
      {{- $pods = append $pods (merge (dict "pods" (mul $clusters .pods)) .) }}
    {{- end }}
  {{- end }}
  {{- $pods | toJson }}
{{- end }}

{{- define "254carbon.rayPods" }}
  {{- include "common.need" (list "254carbon.rayPods" . "spec" "one") }}
  {{- $scaler := list }}
  {{- if .spec.enableInTreeAutoscaling }}
    {{- $usual := dict "limits" (dict "cpu" "500m" "memory" "512Mi") }}
    {{- $scaler = list (dict "resources" ((.spec.autoscalerOptions | default dict).resources | default $usual)) }}
  {{- end }}
  {{- $waits := list (dict "resources" (dict "limits" (dict "cpu" "200m" "memory" "256Mi"))) }}
  {{- $pods := list (merge (dict "name" "head" "pods" 1 "pod" .spec.headGroupSpec.template "containers" $scaler) .one) }}
  {{- range .spec.workerGroupSpecs }}
    {{- $most := mul (.maxReplicas | default .replicas) (.numOfHosts | default 1) }}
    {{- $pods = append $pods (merge (dict "name" .groupName "pods" $most "pod" .template "inits" $waits) $.one) }}
  {{- end }}
  {{- $pods | toJson }}
{{- end }}

{{- define "254carbon.workloads" }}
  {{- $workloads := list }}
  {{- range $chart, $ctx := .Subcharts }}
    {{- $states := list }}
    {{- if ne ($ctx.Chart.Type | default "") "library" }}
      {{- $states = include (printf "%s.capacity" $chart) $ctx | fromJsonArray }}
    {{- end }}
    {{- range $states }}
      {{- $stated := . }}
      {{- $drawn := include (printf "%s/charts/%s/templates/%s" $.Chart.Name $chart .template) $ctx }}
      {{- range regexSplit "(?m)^---$" $drawn -1 }}
        {{- range include "254carbon.pods" (dict "object" (fromYaml .)) | fromJsonArray }}
          {{- if eq .name ($stated.name | default .name) }}
            {{- $pods := max (int64 .pods) (int64 ($stated.most | default 0)) }}
            {{- $surge := toString .surge }}
            {{- if hasSuffix "%" $surge }}
              {{- $surge = divf (mulf $pods (trimSuffix "%" $surge)) 100 | ceil }}
            {{- end }}
            {{- $amounts := include "254carbon.podAmounts" (merge (dict "proxy" $.Values.capacity.proxy) .) | fromJson }}
            {{- $about := dict "pods" $pods "surge" (int64 $surge) "lower" (printf "%s.%s" $chart $stated.lower) }}
            {{- $workloads = append $workloads (merge $about $amounts (pick . "name" "kind")) }}
          {{- end }}
        {{- end }}
      {{- end }}
    {{- end }}
  {{- end }}
  {{- $workloads | toJson }}
{{- end }}
