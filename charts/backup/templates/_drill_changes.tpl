{{- /*
  backup.drill.changes  what Velero changes in what the drill restores, as a YAML list; empty if nothing
*/}}
{{- define "backup.drill.changes" }}
  {{- if .Values.global.mesh.enabled }}
# A proxy that was injected reaches no control plane there, and would hold its pod for ever.
- conditions: {groupResource: pods}
  strategicPatches:
    - patchData: |
        spec:
          initContainers:
            {{- range list "istio-init" "istio-validation" "istio-proxy" }}
            - {name: {{ . }}, $patch: delete}
            {{- end }}
          containers:
            - {name: istio-proxy, $patch: delete}
  {{- end }}
  {{- with .Values.drill.storageClassName }}
- conditions: {groupResource: persistentvolumeclaims}
  mergePatches:
    - patchData: |
        spec: {storageClassName: {{ . | quote }}}
  {{- end }}
{{- end }}
