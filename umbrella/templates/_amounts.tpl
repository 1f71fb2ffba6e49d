{{- /*
What Kubernetes counts for a pod, by its own rules: all containers and sidecars together, or an init
container with the sidecars before it if that is more. Amounts are whole numbers by resource: cores
and devices in thousandths, memory in bytes.
  254carbon.amounts     of a container's `resources`: what it `side` (requests, limits) states; a
                        request that is not stated is the limit
  254carbon.podAmounts  of a `pod` (metadata, spec), as {requests: …, limits: …}; Istio's `proxy` is
                        added where the pod asks for it, `containers` and `inits` are what an
                        operator adds
*/}}
{{- define "254carbon.amounts" }}
  {{- include "common.need" (list "254carbon.amounts" . "resources" "side") }}
  {{- $given := dict }}
  {{- with .resources }}
    {{- $given = eq $.side "limits" | ternary .limits (merge (dict) (.requests | default dict) (.limits | default dict)) }}
  {{- end }}
  {{- $amounts := dict }}
  {{- range $name, $quantity := $given }}
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
  {{- $sides := dict }}
  {{- range $side := list "requests" "limits" }}
    {{- $together := dict }}
    {{- $most := dict }}
    {{- range $inits }}
      {{- $sidecar := eq (.restartPolicy | default "") "Always" }}
      {{- range $name, $amount := include "254carbon.amounts" (dict "resources" .resources "side" $side) | fromJson }}
        {{- $here := add (get $together $name | default 0 | int64) (int64 $amount) }}
        {{- $_ := set ($sidecar | ternary $together $most) $name ($sidecar | ternary $here (max $here (get $most $name | default 0 | int64))) }}
      {{- end }}
    {{- end }}
    {{- range $containers }}
      {{- range $name, $amount := include "254carbon.amounts" (dict "resources" .resources "side" $side) | fromJson }}
        {{- $_ := set $together $name (add (get $together $name | default 0 | int64) (int64 $amount)) }}
      {{- end }}
    {{- end }}
    {{- range $name, $amount := $most }}
      {{- $_ := set $together $name (max $amount (get $together $name | default 0 | int64)) }}
    {{- end }}
    {{- $_ := set $sides $side $together }}
  {{- end }}
  {{- $sides | toJson }}
{{- end }}
