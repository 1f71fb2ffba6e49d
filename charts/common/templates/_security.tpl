{{- /*
common.podSecurityContext renders the securityContext of a pod: that of the Pod Security Standard
"restricted", overridden by `values.podSecurityContext`. Takes `ctx` and `values`, and fails if one
is missing.
*/}}
{{- define "common.podSecurityContext" }}
  {{- include "common.need" (list "common.podSecurityContext" . "ctx" "values") }}
  {{- $restricted := dict
        "runAsNonRoot" true
        "fsGroupChangePolicy" "OnRootMismatch"
        "seccompProfile" (dict "type" "RuntimeDefault") }}
  {{- merge (deepCopy .values.podSecurityContext) $restricted | toYaml }}
{{- end }}

{{- /*
common.containerSecurityContext renders the securityContext of a container: that of "restricted", and
a read-only root file system. Takes nothing and does not fail.
*/}}
{{- define "common.containerSecurityContext" -}}
allowPrivilegeEscalation: false
capabilities:
  drop:
    - ALL
readOnlyRootFilesystem: true
{{- end }}
