{{- /*
  mesh-policies.capacity  which templates make pods, for the umbrella's arithmetic: none
*/}}
{{- define "mesh-policies.capacity" }}
  {{- list | toJson }}
{{- end }}
