{{- /*
Checks of values that can't work in a mesh. An entry is an entry of the services table.
  mesh-policies.checks.mesh     all checks for a mesh
  mesh-policies.checks.strict   a port that accepts mTLS only: its clients must be in the mesh
  mesh-policies.checks.identity an entry with authorization: its clients must have identities
*/}}
{{- define "mesh-policies.checks.mesh" }}
  {{- range $api := list "security.istio.io/v1" "networking.istio.io/v1" }}
    {{- include "common.needsApi" (dict "ctx" $ "api" $api "path" "global.mesh.enabled" "install" "Istio") }}
  {{- end }}
  {{- $strict := list }}
  {{- $table := include "mesh-policies.table" . | fromJson }}
  {{- range $name, $row := $table }}
    {{- $path := printf "global.services.%s" $name }}
    {{- $meshed := and $row.policies $row.mesh }}
    {{- if and $meshed $row.authorization }}
      {{- include "mesh-policies.checks.identity" (dict "table" $table "row" $row "path" $path) }}
    {{- end }}
    {{- if and (ne $row.clientTls "auto") (not $row.services) }}
      {{- include "common.problem" (dict
            "path" (print $path ".services")
            "wrong" (printf "the list is empty, and clientTls %s applies to Services" $row.clientTls)
            "write" "write the names of the Services that select the pods") }}
    {{- end }}
    {{- range $port, $its := $row.ports }}
      {{- $at := printf "%s.ports.%s" $path $port }}
      {{- if and $meshed (eq $its.mtls "strict") }}
        {{- $strict = append $strict $name }}
        {{- include "mesh-policies.checks.strict" (dict "ctx" $ "table" $table "port" $its "path" $at) }}
      {{- end }}
      {{- $ports := sub (int $its.end) (int $its.number) | add1 }}
      {{- if and $meshed (gt $ports 100) }}
        {{- include "common.problem" (dict
              "path" (print $at ".end")
              "wrong" (printf "a mesh needs every port in a Service and in policies, and the range has %d ports" $ports)
              "write" "write a range of at most 100 ports; Ray needs one for each worker process (max-worker-port)") }}
      {{- end }}
    {{- end }}
  {{- end }}
  {{- $services := $strict | uniq | sortAlpha | join ", " }}
  {{- $reason := "such a sidecar starts after init containers and keeps Jobs running" }}
  {{- if and $strict (eq .Values.global.mesh.sidecars "classic") }}
    {{- include "common.problem" (dict
          "path" "global.mesh.sidecars"
          "wrong" (printf "classic sidecars hang clients of services with mtls: strict (%s): %s" $services $reason)
          "write" "write native (needs Istio 1.24 and Kubernetes 1.33), or mtls: permissive for these services") }}
  {{- end }}
{{- end }}

{{- define "mesh-policies.checks.strict" }}
  {{- range $client, $_ := .port.clients }}
    {{- if not (index $.table $client).mesh }}
      {{- include "common.problem" (dict
            "path" (printf "%s.clients.%s" $.path $client)
            "wrong" (printf "the port accepts mTLS only (strict), and the client %s is outside the mesh" $client)
            "write" (printf "write mtls: permissive for the port, or mesh: true for %s" $client)) }}
    {{- end }}
  {{- end }}
{{- end }}

{{- define "mesh-policies.checks.identity" }}
  {{- range $port, $its := .row.ports }}
    {{- if eq $its.mtls "disable" }}
      {{- include "common.problem" (dict
            "path" (printf "%s.ports.%s.mtls" $.path $port)
            "wrong" "authorization is true, and clients have no identity without mTLS"
            "write" "write strict or permissive, or authorization: false") }}
    {{- end }}
    {{- range $client, $_ := $its.clients }}
      {{- $peer := index $.table $client }}
      {{- if and $peer.mesh (not $peer.account) }}
        {{- include "common.problem" (dict
              "path" (printf "global.services.%s.serviceAccount" $client)
              "wrong" (printf "the value is empty, and %s.ports.%s authorizes clients by ServiceAccount" $.path $port)
              "write" "write the ServiceAccount of its pods") }}
      {{- end }}
    {{- end }}
  {{- end }}
{{- end }}
