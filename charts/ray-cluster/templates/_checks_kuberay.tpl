{{- /*
  ray.checks.kuberay  the API server has KubeRay's CRDs, and names are within KubeRay's limits
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
            "wrong" "KubeRay uses this key in the names of RayClusters, for which it is invalid"
            "write" "write a name of at most 47 lower-case letters, digits and dashes that begins with a letter") }}
    {{- end }}
    {{- if eq $service $name }}
      {{- include "common.problem" (dict
            "path" (printf "services.%s" $service)
            "wrong" "the RayCluster of this release has the same name"
            "write" "write another name") }}
    {{- end }}
  {{- end }}
  {{- include "ray.checks.services" . }}
  {{- $queued := merge (dict "ctx" $ "path" "kuberay" "groups" "workerGroups") .Values.kuberay }}
  {{- include "ray.checks.kueue" $queued }}
  {{- include "ray.checks.kueueGroups" $queued }}
  {{- include "ray.checks.operator" . }}
  {{- include "ray.checks.extraSpec" . }}
{{- end }}
