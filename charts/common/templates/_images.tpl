{{- /*
common.image renders the reference of an image: {registry, repository, tag, digest}. A digest
replaces the tag, and global.images.registry replaces the registry of every image. Takes `ctx` and
`image`, and fails if one is missing.
*/}}
{{- define "common.image" }}
  {{- include "common.need" (list "common.image" . "ctx" "image") }}
  {{- $registry := .ctx.Values.global.images.registry | default .image.registry }}
  {{- $version := .image.digest | empty | ternary (printf ":%s" .image.tag) (printf "@%s" .image.digest) }}
  {{- printf "%s/%s%s" $registry .image.repository $version }}
{{- end }}
