{{- /*
The resources that Kubernetes reserves for a pod, by the rules of the scheduler: the sum over containers
and sidecars, or the largest init container together with the sidecars started before it, whichever is
more. Amounts are integers by resource name: CPU and devices in thousandths, memory in bytes.
  254carbon.amounts     amounts in the `field` (requests or limits) of a container's `resources`, as
                        JSON; a request that is not set equals the limit
  254carbon.podAmounts  amounts of a `pod` (metadata and spec), as JSON {requests: …, limits: …, unlimited: …},
                        the last one the names of containers without a CPU limit. Adds the resources of
                        Istio's `proxy` if the pod has the proxy injected, and the `containers` and
                        `inits` that an operator adds
*/}}
{{- define "254carbon.amounts" }}
  {{- include "common.need" (list "254carbon.amounts" . "resources" "field") }}
  {{- $quantities := dict }}
  {{- with .resources }}
    {{- $requests := merge (dict) (.requests | default dict) (.limits | default dict) }}
    {{- $quantities = eq $.field "limits" | ternary .limits $requests }}
  {{- end }}
  {{- $amounts := dict }}
  {{- range $name, $quantity := $quantities }}
    {{- $unit := regexMatch "memory|storage|hugepages" $name | ternary "common.bytes" "common.milli" }}
    {{- $_ := set $amounts $name (include $unit (dict "quantity" $quantity) | int64) }}
  {{- end }}
  {{- $amounts | toJson }}
{{- end }}

{{- define "254carbon.podAmounts" }}
  {{- include "common.need" (list "254carbon.podAmounts" . "pod" "proxy") }}
  {{- $inits := concat (.inits | default list) (.pod.spec.initContainers | default list) }}
  {{- if eq (index (.pod.metadata.labels | default dict) "sidecar.istio.io/inject" | default "") "true" }}
    {{- $inits = prepend $inits (dict "restartPolicy" "Always" "resources" .proxy) }}
  {{- end }}
  {{- $containers := concat .pod.spec.containers (.containers | default list) }}
  {{- $fields := dict }}
  {{- range $field := list "requests" "limits" }}
    {{- /* What runs side by side: first the sidecars, then the containers too. */}}
    {{- $sum := dict }}
    {{- $largestInit := dict }}
    {{- range $inits }}
      {{- $sidecar := eq (.restartPolicy | default "") "Always" }}
      {{- range $name, $amount := include "254carbon.amounts" (dict "resources" .resources "field" $field) | fromJson }}
        {{- $running := add (get $sum $name | default 0 | int64) (int64 $amount) }}
        {{- if $sidecar }}
          {{- $_ := set $sum $name $running }}
        {{- else }}
          {{- $_ := set $largestInit $name (max $running (get $largestInit $name | default 0 | int64)) }}
        {{- end }}
      {{- end }}
    {{- end }}
    {{- range $containers }}
      {{- range $name, $amount := include "254carbon.amounts" (dict "resources" .resources "field" $field) | fromJson }}
        {{- $_ := set $sum $name (add (get $sum $name | default 0 | int64) (int64 $amount)) }}
      {{- end }}
    {{- end }}
    {{- range $name, $amount := $largestInit }}
      {{- $_ := set $sum $name (max $amount (get $sum $name | default 0 | int64)) }}
    {{- end }}
    {{- $_ := set $fields $field $sum }}
  {{- end }}
  {{- $unlimited := list }}
  {{- range $containers }}
    {{- if not (dig "resources" "limits" "cpu" "" .) }}
      {{- $unlimited = append $unlimited .name }}
    {{- end }}
  {{- end }}
  {{- set $fields "unlimited" $unlimited | toJson }}
{{- end }}
