{{- /*
  ray.checks.image  the image of a `node` at `path` has the Ray version of rayVersion, the Python version of the
                    head's image, and a CUDA version that supports the GPUs of the node's pool
*/}}
{{- define "ray.checks.image" }}
  {{- $image := include "ray.image" . | fromJson }}
  {{- $version := .ctx.Values.rayVersion }}
  {{- $tagged := regexFind "^[0-9]+[.][0-9]+[.][0-9]+" ($image.tag | default "") }}
  {{- if and $version $tagged (ne $tagged $version) (not $image.digest) }}
    {{- include "common.problem" (dict
          "path" (printf "%s.image.tag" .path)
          "wrong" (printf "%s contains Ray %s, and rayVersion is %s" $image.tag $tagged $version)
          "write" "write the same version in both; Ray nodes of different versions can't form a cluster") }}
  {{- end }}
  {{- $head := include "ray.image" (dict "ctx" .ctx "node" .ctx.Values.head) | fromJson }}
  {{- $pythons := list }}
  {{- range list $head.tag $image.tag }}
    {{- $pythons = regexFind "-py3[0-9]+" (. | default "") | append $pythons }}
  {{- end }}
  {{- if and (gt (compact $pythons | uniq | len) 1) (not $image.digest) }}
    {{- include "common.problem" (dict
          "path" (printf "%s.image.tag" .path)
          "wrong" (printf "%s contains another Python version than the head's image %s" $image.tag $head.tag)
          "write" "write an image with the same Python version, to the patch version") }}
  {{- end }}
  {{- $pool := (.node.gpu | default dict).pool | default "" }}
  {{- if hasKey .ctx.Values.global.gpuPools $pool }}
    {{- include "common.gpuPool.imageChecks" (dict
          "ctx" .ctx
          "pool" $pool
          "path" (printf "%s.image" .path)
          "image" $image) }}
  {{- end }}
{{- end }}
