{{- /*
Pod Security "restricted", and a read-only root file system beside it.
  common.podSecurityContext        `values.podSecurityContext` names the ids, and wins
  common.containerSecurityContext  the same for every container
*/}}
{{- define "common.podSecurityContext" }}
  {{- include "common.need" (list "common.podSecurityContext" . "ctx" "values") }}
  {{- $restricted := dict
        "runAsNonRoot" true
        "fsGroupChangePolicy" "OnRootMismatch"
        "seccompProfile" (dict "type" "RuntimeDefault") }}
  {{- merge (deepCopy .values.podSecurityContext) $restricted | toYaml }}
{{- end }}

{{- define "common.containerSecurityContext" -}}
allowPrivilegeEscalation: false
capabilities:
  drop:
    - ALL
readOnlyRootFilesystem: true
{{- end }}
