{{- /*
  ray.checks.image  the image of a `node` at `path` has the Ray version of rayVersion, and a CUDA version
                    that supports the GPUs of the node's pool
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
  {{- $pool := index .ctx.Values.global.gpuPools ((.node.gpu | default dict).pool | default "") | default dict }}
  {{- $kepler := eq "kepler" (get ($pool.selector | default dict) "nvidia.com/gpu.family" | default "") }}
  {{- if and $kepler (regexMatch "-(cu1[2-9][0-9]|gpu)" ($image.tag | default "")) }}
    {{- include "common.problem" (dict
          "path" (printf "%s.image.tag" .path)
          "wrong" (printf "the CUDA version in %s is newer than 11.4, the last that supports Kepler GPUs" $image.tag)
          "write" "write an image of your own with CUDA 11.4 or older") }}
  {{- end }}
{{- end }}
