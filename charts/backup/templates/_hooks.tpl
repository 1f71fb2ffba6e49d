{{- /*
Commands that Velero runs in the stores' containers.
  backup.step        command of a `store` for a `step` (before, after, check), as a JSON list. The command
                     contains the whole script, because the containers do not mount it. A store with a
                     `command` has a script of its own.
  backup.hooks       hooks before and after a backup, as a YAML list
  backup.checkHooks  hooks after a restore, which compare the restored data, as a JSON list
*/}}
{{- define "backup.step" }}
  {{- include "common.need" (list "backup.step" . "ctx" "store" "step") }}
  {{- $name := .store.name }}
  {{- $shell := eq $name "s3" | ternary "sh" "bash" }}
  {{- $command := list $shell "-c" (.ctx.Files.Get (printf "files/%s.sh" $name)) "backup" .step .store.directory }}
  {{- if .store.command }}
    {{- $command = concat .store.command (list .step .store.directory) }}
  {{- else if eq $name "postgresql" }}
    {{- $command = append $command .store.user }}
  {{- else if eq $name "redis" }}
    {{- with .ctx.Values.global.redis }}
      {{- $tls := eq .tls.mode "disable" | ternary list (list "--tls" "--insecure") }}
      {{- $command = concat $command (list "-p" (toString .port)) $tls }}
    {{- end }}
  {{- end }}
  {{- $command | toJson }}
{{- end }}

{{- define "backup.hooks" }}
  {{- range $store := include "backup.stores" . | fromJsonArray }}
    {{- if .steps }}
- name: {{ .name }}
  includedNamespaces: [{{ $.Release.Namespace }}]
  labelSelector:
    matchLabels:
      {{- toYaml .selector | nindent 6 }}
      {{- range $when, $step := dict "pre" "before" "post" "after" }}
  {{ $when }}:
    - exec:
        container: {{ $store.container | quote }}
        command:
          {{- include "backup.step" (dict "ctx" $ "store" $store "step" $step) | fromJsonArray | toYaml | nindent 10 }}
        onError: Fail
        timeout: {{ $store.timeoutSeconds }}s
      {{- end }}
    {{- end }}
  {{- end }}
{{- end }}

{{- define "backup.checkHooks" }}
  {{- $hooks := list }}
  {{- range $store := include "backup.stores" . | fromJsonArray }}
    {{- if .steps }}
      {{- $exec := dict
            "container" .container
            "command" (include "backup.step" (dict "ctx" $ "store" $store "step" "check") | fromJsonArray)
            "onError" "Fail"
            "execTimeout" (printf "%vs" .timeoutSeconds)
            "waitTimeout" (printf "%vs" $.Values.drill.timeoutSeconds)
            "waitForReady" true }}
      {{- $hooks = append $hooks (dict
            "name" .name
            "labelSelector" (dict "matchLabels" .selector)
            "postHooks" (list (dict "exec" $exec))) }}
    {{- end }}
  {{- end }}
  {{- $hooks | toJson }}
{{- end }}
