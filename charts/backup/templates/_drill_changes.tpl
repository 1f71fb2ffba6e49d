{{- /*
  backup.drill.changes  Velero's resource modifiers for objects that the drill restores, as a YAML list;
                        empty if none is needed
*/}}
{{- define "backup.drill.changes" }}
  {{- if .Values.global.mesh.enabled }}
# A sidecar proxy can't reach the mesh's control plane from this namespace, so the pod would never start.
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
