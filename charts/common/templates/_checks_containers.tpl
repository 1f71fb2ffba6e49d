{{- /*
Checks of the containers that values add to a pod.
*/}}

{{- /*
common.containerChecks renders a problem for each container of extraSidecars, extraInitContainers and extraContainers
with a name that another one of them or a container of the chart has, since the API server refuses this pod. Takes
`values` of the pod, `prefix` as common.claimChecks does, and `own`, a map from a regular expression of names of the
chart to whether the pods have these containers. Fails if one of the parameters is missing.
*/}}
{{- define "common.containerChecks" }}
  {{- include "common.need" (list "common.containerChecks" . "values" "prefix" "own") }}
  {{- $chart := list }}
  {{- range $pattern, $rendered := .own }}
    {{- if $rendered }}
      {{- $chart = append $chart $pattern }}
    {{- end }}
  {{- end }}
  {{- $names := list }}
  {{- range $key := list "extraSidecars" "extraInitContainers" "extraContainers" }}
    {{- range index $.values $key }}
      {{- $own := regexMatch (printf "^(%s)$" (join "|" $chart)) .name }}
      {{- if or $own (has .name $names) }}
        {{- include "common.problem" (dict
              "path" (printf "%s%s: %s" $.prefix $key .name)
              "wrong" ($own | ternary "a container of the chart has this name" "another container has this name")
              "write" "write another name") }}
      {{- end }}
      {{- $names = append $names .name }}
    {{- end }}
  {{- end }}
{{- end }}

{{- /*
common.claimChecks renders a problem for each container that uses a claim of Dynamic Resource Allocation without an
entry in resourceClaims of its pod, since the API server refuses this pod. It reads resources, extraSidecars,
extraInitContainers and extraContainers. Takes `values` of the pod, and `prefix`, the path of `values` with a final
dot, or nothing for the root of the values. Fails if one of the parameters is missing.
*/}}
{{- define "common.claimChecks" }}
  {{- include "common.need" (list "common.claimChecks" . "values" "prefix") }}
  {{- $names := list }}
  {{- range .values.resourceClaims }}
    {{- $names = append $names .name }}
  {{- end }}
  {{- $write := "remove the claim, since the chart renders no resourceClaims" }}
  {{- if hasKey .values "resourceClaims" }}
    {{- $write = printf "add it to %sresourceClaims" .prefix }}
    {{- with $names }}
      {{- $write = printf "%s, or write a claim of the pod (%s)" $write (join ", " .) }}
    {{- end }}
  {{- end }}
  {{- $users := dict "resources" (.values.resources | default dict) }}
  {{- range $key := list "extraSidecars" "extraInitContainers" "extraContainers" }}
    {{- range $number, $container := index $.values $key }}
      {{- $_ := set $users (printf "%s[%d].resources" $key $number) ($container.resources | default dict) }}
    {{- end }}
  {{- end }}
  {{- range $path, $resources := $users }}
    {{- range $resources.claims }}
      {{- if not (has .name $names) }}
        {{- include "common.problem" (dict
              "path" (printf "%s%s.claims" $.prefix $path)
              "wrong" (printf "the pod has no claim %s" .name)
              "write" $write) }}
      {{- end }}
    {{- end }}
  {{- end }}
{{- end }}
