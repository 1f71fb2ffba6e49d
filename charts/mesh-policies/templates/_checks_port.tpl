{{- /*
  mesh-policies.checks.port  checks of a port of the services table: its numbers, access and clients
*/}}
{{- define "mesh-policies.checks.port" }}
  {{- $port := .port }}
  {{- $protocol := $port.protocol | default "tcp" }}
  {{- if not .numbers.number }}
    {{- include "common.problem" (dict
          "path" (print .path ($port.ray | empty | ternary ".number" ".ray"))
          "wrong" ($port.ray | empty | ternary "the port has no number" (printf "global.ray.ports has no %s" $port.ray))
          "write" "write number, or a key of global.ray.ports in ray") }}
  {{- else if lt (int .numbers.end) (int .numbers.number) }}
    {{- include "common.problem" (dict
          "path" (print .path ".end")
          "wrong" (printf "%v is less than the first port number (%v)" .numbers.end .numbers.number)
          "write" "write the last port number of the range") }}
  {{- end }}
  {{- if and $port.access (not (has $protocol (list "http" "grpc"))) }}
    {{- include "common.problem" (dict
          "path" (print .path ".access")
          "wrong" (printf "access needs HTTP, and the port's protocol %s would deny all clients" $protocol)
          "write" "write protocol: http if the Services declare it too, or remove access and set clients to all") }}
  {{- end }}
  {{- $services := .ctx.Values.global.services }}
  {{- $choices := concat (list "all" "none") (keys ($port.access | default dict)) }}
  {{- range $client, $access := $port.clients }}
    {{- $at := printf "%s.clients.%s" $.path $client }}
    {{- if not (or (eq $client "everyone") (hasKey $services $client)) }}
      {{- include "common.problem" (dict
            "path" $at
            "wrong" (printf "global.services has no entry %s" $client)
            "write" (printf "add an entry %s, or write one of: %s" $client (keys $services | sortAlpha | join ", "))) }}
    {{- end }}
    {{- if not (has $access $choices) }}
      {{- include "common.problem" (dict
            "path" $at
            "wrong" (printf "%s is not defined in access of the port" $access)
            "write" (printf "write one of: %s" (join ", " (sortAlpha $choices)))) }}
    {{- end }}
  {{- end }}
{{- end }}
