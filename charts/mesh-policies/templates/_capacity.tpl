{{- /*
  mesh-policies.capacity  the templates that create pods, as a JSON list: none
*/}}
{{- define "mesh-policies.capacity" }}
  {{- list | toJson }}
{{- end }}
