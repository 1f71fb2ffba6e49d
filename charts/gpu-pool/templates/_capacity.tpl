{{- /*
  gpu-pool.capacity  which templates make pods, for the umbrella's arithmetic, and the value that is
                     to be lowered. A vector addition takes no GPU from anyone: it waits for a free
                     one, and is no more once it is done.
*/}}
{{- define "gpu-pool.capacity" }}
  {{- list (dict "template" "test/pod.yaml" "lower" "test.resources") | toJson }}
{{- end }}
