{{- /*
common.metadataChecks renders a problem for each label and annotation in the values that the chart or an operator sets
itself. It examines each map of strings whose key ends with labels or annotations, such as podLabels, at any depth.
Takes `ctx`, the `values`, the `path` of these values, and `annotations`, regular expressions of further annotations
that the chart sets. Fails if one of the first three is missing.
*/}}
{{- define "common.metadataChecks" }}
  {{- include "common.need" (list "common.metadataChecks" . "ctx" "values" "path") }}
  {{- range $key, $value := .values }}
    {{- /* A map without labels and annotations is not examined: Helm renders each level slowly. */}}
    {{- if and (kindIs "map" $value) (regexMatch "([lL]abel|[aA]nnotation)s\":{\"" (toJson (dict $key $value))) }}
      {{- $path := list $.path $key | compact | join "." }}
      {{- $at := dict "ctx" $.ctx "annotations" $.annotations "values" $value "path" $path }}
      {{- $kind := regexFind "([lL]abel|[aA]nnotation)s$" $key | lower | trimSuffix "s" }}
      {{- range $value }}
        {{- if or (kindIs "map" .) (kindIs "slice" .) }}
          {{- $kind = "" }}
        {{- end }}
      {{- end }}
      {{- if $kind }}
        {{- include "common.metadataKeyChecks" (merge (dict "kind" $kind "key" $key) $at) }}
      {{- else }}
        {{- include "common.metadataChecks" $at }}
      {{- end }}
    {{- end }}
  {{- end }}
{{- end }}

{{- /*
common.metadataKeyChecks renders the problems of one map. Takes the parameters of common.metadataChecks, the `kind`
of the map (label or annotation) and its `key`, and fails if one is missing.
*/}}
{{- define "common.metadataKeyChecks" }}
  {{- include "common.need" (list "common.metadataKeyChecks" . "ctx" "values" "path" "kind" "key") }}
  {{- $labels := list
        "app"
        "app[.]kubernetes[.]io/(name|instance|component|part-of|version|managed-by)"
        "helm[.]sh/chart"
        "ray[.]io/.*" }}
  {{- $annotations := list
        "checksum/input"
        "helm[.]sh/hook.*"
        "ray[.]io/(ft-enabled|external-storage-namespace|initializing-timeout|overwrite-container-cmd)" }}
  {{- $owned := dict "label" $labels "annotation" (concat $annotations (.annotations | default list)) }}
  {{- $ofPods := has .key (list "podLabels" "podAnnotations" "rayLabels") }}
  {{- if and $ofPods (dig "mesh" "enabled" false .ctx.Values.global) }}
    {{- $_ := set $owned "label" (append $owned.label "sidecar[.]istio[.]io/inject") }}
    {{- $_ := set $owned "annotation" (append $owned.annotation "sidecar[.]istio[.]io/nativeSidecar") }}
  {{- end }}
  {{- range $key := keys .values | sortAlpha }}
    {{- if regexMatch (printf "^(%s)$" (get $owned $.kind | join "|")) $key }}
      {{- include "common.problem" (dict
            "path" (printf "%s.%s" $.path $key)
            "wrong" (printf "the chart or an operator sets this %s itself" $.kind)
            "write" "remove the key") }}
    {{- end }}
  {{- end }}
{{- end }}
