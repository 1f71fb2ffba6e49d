{{- /*
  backup.stores   the stores that are enabled, in the order in which they are backed up, as a JSON list:
                  the values of each, its name, and whether it has steps. What names something in another
                  store comes first: whatever it names is in the later copy of that one.
*/}}
{{- define "backup.stores" }}
  {{- $stores := list }}
  {{- range $name := list "postgresql" "s3" "redis" }}
    {{- $store := get $.Values.stores $name }}
    {{- if $store.enabled }}
      {{- $steps := ne ($store.server | default "seaweedfs") "other" }}
      {{- $stores = append $stores (merge (dict "name" $name "steps" $steps) $store) }}
    {{- end }}
  {{- end }}
  {{- $stores | toJson }}
{{- end }}
