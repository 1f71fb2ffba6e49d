{{- /*
Checks of values that have to fit the image of a container.
*/}}

{{- /*
common.userChecks renders a problem if a security context has another user id than `user`, and the group id
`group` nowhere. Takes `path` and `context`, the security context; `user`; and `why` the image needs the id.
Without `group` the user id alone counts. Fails if one of the first four is missing.
*/}}
{{- define "common.userChecks" }}
  {{- include "common.need" (list "common.userChecks" . "path" "context" "user" "why") }}
  {{- $id := int64 .context.runAsUser }}
  {{- $member := false }}
  {{- range concat (list .context.runAsGroup .context.fsGroup) (.context.supplementalGroups | default list) }}
    {{- $member = or $member (and $.group (eq (int64 .) (int64 $.group))) }}
  {{- end }}
  {{- if and (ne nil .context.runAsUser) (ne $id (int64 .user)) (not $member) }}
    {{- $group := "" }}
    {{- with .group }}
      {{- $group = printf ", or %v as runAsGroup, as fsGroup or in supplementalGroups" . }}
    {{- end }}
    {{- include "common.problem" (dict
          "path" (printf "%s.runAsUser" .path)
          "wrong" (printf "the user id is %d, and %s" $id .why)
          "write" (printf "write %v%s" .user $group)) }}
  {{- end }}
{{- end }}

{{- /*
common.mountChecks renders a problem for each volume mount that hides one of the `folders` of the image, where the
image has its `programs`. Takes `path` and `mounts`, a list of volume mounts. Fails if one of the parameters is missing.
*/}}
{{- define "common.mountChecks" }}
  {{- include "common.need" (list "common.mountChecks" . "path" "mounts" "folders" "programs") }}
  {{- range .mounts }}
    {{- $at := clean .mountPath }}
    {{- $hidden := list }}
    {{- range $.folders }}
      {{- if hasPrefix (printf "%s/" (trimSuffix "/" $at)) (printf "%s/" .) }}
        {{- $hidden = append $hidden . }}
      {{- end }}
    {{- end }}
    {{- with $hidden }}
      {{- include "common.problem" (dict
            "path" (printf "%s: %s" $.path $at)
            "wrong" (printf "the volume hides %s, where the image has %s" (join " and " .) $.programs)
            "write" "write a mountPath outside") }}
    {{- end }}
  {{- end }}
{{- end }}
