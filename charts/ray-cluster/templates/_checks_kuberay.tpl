{{- /*
  ray.checks.kuberay   what KubeRay refuses, or drops without a word
  ray.checks.operator  fields that the declared operator does not know: a RayCluster with them is
                       refused by its CRD, or the field is lost
*/}}
{{- define "ray.checks.kuberay" }}
  {{- if not (.Capabilities.APIVersions.Has "ray.io/v1") }}
    {{- include "common.problem" (dict
          "path" "mode"
          "wrong" "kuberay needs the KubeRay operator, and the cluster has no API ray.io/v1"
          "write" (printf "install operator and CRDs first (helm install kuberay-operator --repo https://ray-project.github.io/kuberay-helm --version %s kuberay-operator), write mode: standalone, or render offline with --api-versions ray.io/v1" .Values.kuberay.operatorVersion)) }}
  {{- end }}
  {{- $name := include "ray.name" . }}
  {{- if gt (len $name) 53 }}
    {{- include "common.problem" (dict
          "path" "fullnameOverride"
          "wrong" (printf "%s has %d letters, and KubeRay takes 53" $name (len $name))
          "write" "write a shorter one") }}
  {{- end }}
  {{- range $service, $values := .Values.services }}
    {{- if or (gt (len $service) 47) (not (regexMatch "^[a-z]([-a-z0-9]*[a-z0-9])?$" $service)) }}
      {{- include "common.problem" (dict
            "path" (printf "services.%s" $service)
            "wrong" "KubeRay names clusters after it"
            "write" "write at most 47 lower-case letters, digits and dashes that begin with a letter") }}
    {{- end }}
    {{- if eq $service $name }}
      {{- include "common.problem" (dict
            "path" (printf "services.%s" $service)
            "wrong" "the cluster is called so"
            "write" "write another name") }}
    {{- end }}
  {{- end }}
  {{- include "ray.checks.operator" . }}
{{- end }}

{{- define "ray.checks.operator" }}
  {{- $has := .Values.kuberay.operatorVersion }}
  {{- $used := dict }}
  {{- $newest := dict "networkPolicy" "1.7.0" "tlsOptions" "1.7.0" "historyServerOptions" "1.7.0" }}
  {{- range $field, $_ := .Values.kuberay.extraSpec }}
    {{- $_ := set $used (printf "kuberay.extraSpec.%s" $field) (get $newest $field | default "1.0.0") }}
  {{- end }}
  {{- $_ := set $used "kuberay.upgradeStrategy" "1.6.0" }}
  {{- if .Values.auth.enabled }}
    {{- $_ := set $used "auth.enabled" "1.5.1" }}
  {{- end }}
  {{- if .Values.gcsFaultTolerance.enabled }}
    {{- $_ := set $used "gcsFaultTolerance.enabled" "1.3.0" }}
  {{- end }}
  {{- range $name, $group := include "ray.groups" . | fromJson }}
    {{- if $group.priority }}
      {{- $_ := set $used (printf "workerGroups.%s.priority" $name) "1.7.0" }}
    {{- end }}
    {{- if $group.rayLabels }}
      {{- $_ := set $used (printf "workerGroups.%s.rayLabels" $name) "1.5.0" }}
    {{- end }}
  {{- end }}
  {{- range $path, $since := $used }}
    {{- if semverCompare (printf "<%s-0" $since) $has }}
      {{- include "common.problem" (dict
            "path" $path
            "wrong" (printf "KubeRay %s does not know it, %s is the first that does" $has $since)
            "write" "leave it out, or upgrade the operator and write its version as kuberay.operatorVersion") }}
    {{- end }}
  {{- end }}
{{- end }}
