{{- /*
  ray.checks.kuberay   the API server has KubeRay's CRDs, and names are within KubeRay's limits
  ray.checks.operator  kuberay.operatorVersion supports every field that is set. The CRD of an older KubeRay
                       rejects a RayCluster with an unknown field, or drops the field
*/}}
{{- define "ray.checks.kuberay" }}
  {{- if not (.Capabilities.APIVersions.Has "ray.io/v1") }}
    {{- include "common.problem" (dict
          "path" "mode"
          "wrong" "kuberay needs the KubeRay operator, and the cluster has no API ray.io/v1"
          "write" (print "install operator and CRDs first (helm install kuberay-operator --repo "
            "https://ray-project.github.io/kuberay-helm --version " .Values.kuberay.operatorVersion
            " kuberay-operator), write mode: standalone, or render offline with --api-versions ray.io/v1")) }}
  {{- end }}
  {{- $name := include "ray.name" . }}
  {{- if gt (len $name) 53 }}
    {{- include "common.problem" (dict
          "path" "fullnameOverride"
          "wrong" (printf "the name %s has %d characters, and KubeRay allows 53" $name (len $name))
          "write" "write a name of at most 53 characters") }}
  {{- end }}
  {{- range $service, $values := .Values.services }}
    {{- if or (gt (len $service) 47) (not (regexMatch "^[a-z]([-a-z0-9]*[a-z0-9])?$" $service)) }}
      {{- include "common.problem" (dict
            "path" (printf "services.%s" $service)
            "wrong" "KubeRay uses this key in the names of RayClusters"
            "write" "write a name of at most 47 lower-case letters, digits and dashes that begins with a letter") }}
    {{- end }}
    {{- if eq $service $name }}
      {{- include "common.problem" (dict
            "path" (printf "services.%s" $service)
            "wrong" "the RayCluster of this release has the same name"
            "write" "write another name") }}
    {{- end }}
  {{- end }}
  {{- include "ray.checks.operator" . }}
{{- end }}

{{- define "ray.checks.operator" }}
  {{- $version := .Values.kuberay.operatorVersion }}
  {{- $used := dict }}
  {{- $introduced := dict "networkPolicy" "1.7.0" "tlsOptions" "1.7.0" "historyServerOptions" "1.7.0" }}
  {{- range $field, $_ := .Values.kuberay.extraSpec }}
    {{- $_ := set $used (printf "kuberay.extraSpec.%s" $field) (get $introduced $field | default "1.0.0") }}
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
    {{- if semverCompare (printf "<%s-0" $since) $version }}
      {{- include "common.problem" (dict
            "path" $path
            "wrong" (printf "KubeRay %s does not support the field, which KubeRay %s introduced" $version $since)
            "write" "remove the key, or upgrade the operator and write its version as kuberay.operatorVersion") }}
    {{- end }}
  {{- end }}
{{- end }}
