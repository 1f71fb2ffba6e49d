{{- /*
  backup.stores   the enabled stores in the order in which they are backed up, as a JSON list. Each item
                  is the store's values with its name, and `steps` true if Velero runs commands in it. A
                  store that refers to another store is backed up first: the later backup of the other
                  store then contains everything that it refers to. Stores of other charts come last.
*/}}
{{- define "backup.stores" }}
  {{- $stores := list }}
  {{- $first := list "postgresql" "s3" "redis" }}
  {{- range $name := concat $first (without (keys .Values.stores | sortAlpha) "postgresql" "s3" "redis") }}
    {{- $store := get $.Values.stores $name }}
    {{- if ($store | default dict).enabled }}
      {{- $steps := ne ($store.server | default "seaweedfs") "other" }}
      {{- $stores = append $stores (merge (dict "name" $name "steps" $steps) $store) }}
    {{- end }}
  {{- end }}
  {{- $stores | toJson }}
{{- end }}
