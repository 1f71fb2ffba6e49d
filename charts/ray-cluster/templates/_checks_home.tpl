{{- /*
Rules that follow from the images rayproject/ray. The images hold Ray and Python in /home/ray/anaconda3. Only the user
1000 and the group 100 may enter /home/ray. Tags without the suffix -aarch64 are images for x86-64.
  ray.checks.user          the security context `context` at `path` has the user 1000 or the group 100
  ray.checks.mounts        no volume mount of the list `mounts` at `path` hides programs in /home/ray/anaconda3
  ray.checks.containers    ray.checks.mounts for Ray's container of a `node` at `path`; ray.checks.user and
                           ray.checks.mounts for extra containers with the same image
  ray.checks.architecture  the tag of the image of a `node` at `path` is for the CPU architecture of the Kubernetes
                           nodes that the pods select
*/}}
{{- define "ray.checks.user" }}
  {{- include "common.userChecks" (dict
        "user" 1000
        "group" 100
        "why" "Ray is in /home/ray, which only the user 1000 and the group 100 may enter"
        "path" .path
        "context" .context) }}
{{- end }}

{{- define "ray.checks.mounts" }}
  {{- include "common.mountChecks" (dict
        "folders" (list "/home/ray/anaconda3/bin" "/home/ray/anaconda3/lib")
        "programs" "Ray and Python"
        "path" .path
        "mounts" .mounts) }}
{{- end }}

{{- define "ray.checks.containers" }}
  {{- include "ray.checks.mounts" (dict
        "path" (printf "%s.extraVolumeMounts" .path)
        "mounts" .node.extraVolumeMounts) }}
  {{- $image := include "common.image" (dict "ctx" .ctx "image" (include "ray.image" . | fromJson)) }}
  {{- range $key := list "extraSidecars" "extraInitContainers" "extraContainers" }}
    {{- range index $.node $key }}
      {{- if eq .image $image }}
        {{- $path := printf "%s.%s: %s" $.path $key .name }}
        {{- $own := pick (.securityContext | default dict) "runAsUser" "runAsGroup" }}
        {{- if hasKey $own "runAsUser" }}
          {{- include "ray.checks.user" (dict
                "path" (printf "%s: securityContext" $path)
                "context" (merge $own $.ctx.Values.podSecurityContext)) }}
        {{- end }}
        {{- include "ray.checks.mounts" (dict
              "path" (printf "%s: volumeMounts" $path)
              "mounts" (.volumeMounts | default list)) }}
      {{- end }}
    {{- end }}
  {{- end }}
{{- end }}

{{- define "ray.checks.architecture" }}
  {{- $image := include "ray.image" . | fromJson }}
  {{- $nodes := get .node.nodeSelector "kubernetes.io/arch" | default .ctx.Values.architecture }}
  {{- $arm := hasSuffix "-aarch64" ($image.tag | default "") }}
  {{- $plain := and (hasPrefix "rayproject/" $image.repository) (not $arm) }}
  {{- $built := $arm | ternary "arm64" ($plain | ternary "amd64" "") }}
  {{- if and $built (ne $built $nodes) (not $image.digest) }}
    {{- $tag := $arm | ternary (trimSuffix "-aarch64" $image.tag) (printf "%s-aarch64" $image.tag) }}
    {{- include "common.problem" (dict
          "path" (printf "%simage.tag" .path)
          "wrong" (printf "%s is an image for %s, and the pods select nodes of %s" $image.tag $built
            ($nodes | default "every architecture"))
          "write" (printf "write %s, or architecture: %s" $tag $built)) }}
  {{- end }}
{{- end }}
