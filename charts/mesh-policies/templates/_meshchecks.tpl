{{- /*
What can't work in a mesh.
  mesh-policies.checks.mesh     all of it
  mesh-policies.checks.strict   a port that takes mTLS only: its clients, and what proxies they have
  mesh-policies.checks.identity an entry whose clients are asked who they are
*/}}
{{- define "mesh-policies.checks.mesh" }}
  {{- range $api := list "security.istio.io/v1" "networking.istio.io/v1" }}
    {{- include "common.needsApi" (dict "ctx" $ "api" $api "path" "global.mesh.enabled" "install" "Istio") }}
  {{- end }}
  {{- $strict := list }}
  {{- $table := include "mesh-policies.table" . | fromJson }}
  {{- range $name, $row := $table }}
    {{- $path := printf "global.services.%s" $name }}
    {{- $drawn := and $row.policies $row.mesh }}
    {{- if and $drawn $row.authorization }}
      {{- include "mesh-policies.checks.identity" (dict "table" $table "row" $row "path" $path) }}
    {{- end }}
    {{- if and (ne $row.clientTls "auto") (not $row.services) }}
      {{- include "common.problem" (dict
            "path" (print $path ".services")
            "wrong" (printf "clientTls is %s, and no Service is named that it is for" $row.clientTls)
            "write" "write the names of its Services") }}
    {{- end }}
    {{- range $port, $its := $row.ports }}
      {{- $at := printf "%s.ports.%s" $path $port }}
      {{- if and $drawn (eq $its.mtls "strict") }}
        {{- $strict = append $strict $name }}
        {{- include "mesh-policies.checks.strict" (dict "ctx" $ "table" $table "port" $its "path" $at) }}
      {{- end }}
      {{- $ports := sub (int $its.end) (int $its.number) | add1 }}
      {{- if and $drawn (gt $ports 100) }}
        {{- include "common.problem" (dict
              "path" (print $at ".end")
              "wrong" (printf "a mesh needs each port in a Service and in its policies, and these are %d" $ports)
              "write" "write a range of at most 100; Ray's workers need one a process (max-worker-port)") }}
      {{- end }}
    {{- end }}
  {{- end }}
  {{- if and $strict (eq .Values.global.mesh.sidecars "classic") }}
    {{- include "common.problem" (dict
          "path" "global.mesh.sidecars"
          "wrong" (printf "a classic sidecar starts after init containers and keeps a Job from ending, so what waits for or calls a STRICT service hangs: %s" ($strict | uniq | sortAlpha | join ", "))
          "write" "write native (Istio 1.24 on Kubernetes 1.33 has them), or mtls: permissive for those services") }}
  {{- end }}
{{- end }}

{{- define "mesh-policies.checks.strict" }}
  {{- range $client, $_ := .port.clients }}
    {{- if not (index $.table $client).mesh }}
      {{- include "common.problem" (dict
            "path" (printf "%s.clients.%s" $.path $client)
            "wrong" (printf "the port takes mTLS only (strict), and %s is outside the mesh" $client)
            "write" (printf "write mtls: permissive for the port, or bring %s into the mesh (mesh: true)" $client)) }}
    {{- end }}
  {{- end }}
{{- end }}

{{- define "mesh-policies.checks.identity" }}
  {{- range $port, $its := .row.ports }}
    {{- if eq $its.mtls "disable" }}
      {{- include "common.problem" (dict
            "path" (printf "%s.ports.%s.mtls" $.path $port)
            "wrong" "authorization is true, and without mTLS nobody can show who he is"
            "write" "write strict or permissive, or authorization: false") }}
    {{- end }}
    {{- range $client, $_ := $its.clients }}
      {{- $peer := index $.table $client }}
      {{- if and $peer.mesh (not $peer.account) }}
        {{- include "common.problem" (dict
              "path" (printf "global.services.%s.serviceAccount" $client)
              "wrong" (printf "%s.ports.%s asks its clients for it" $.path $port)
              "write" "write the account of its pods") }}
      {{- end }}
    {{- end }}
  {{- end }}
{{- end }}
