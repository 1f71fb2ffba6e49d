{{- /*
Checks of values that must agree with the image of a container.
*/}}

{{- /*
common.userChecks renders a problem if runAsUser of a security context is another user id than `user`, and none of
runAsGroup, fsGroup and supplementalGroups is the group id `group`. Without `group`, only the user id counts. Takes
`path`; `context`, the security context; `user`; `why`, the reason in the message; and `group`. Fails if one of the
first four is missing.
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
            "write" "write another mountPath, such as /mnt/data") }}
    {{- end }}
  {{- end }}
{{- end }}
