{{- /*
254carbon.checks.login renders a problem for each client of mlflow-proxy in the services table that is a client of
mlflow too, if MLflow itself requires no login: requests from outside the cluster would pass the login proxy by. Takes
the root context.
*/}}
{{- define "254carbon.checks.login" }}
  {{- $mlflow := .Subcharts.mlflow }}
  {{- if and (hasKey .Subcharts "mesh-policies") $mlflow (not ($mlflow | default dict).Values.auth.enabled) }}
    {{- $services := (index .Subcharts "mesh-policies").Values.global.services }}
    {{- $outside := dict }}
    {{- range $port := (get $services "mlflow-proxy" | default dict).ports }}
      {{- range $client, $access := $port.clients }}
        {{- $_ := set $outside $client (ne $access "none") }}
      {{- end }}
    {{- end }}
    {{- range $port, $its := (get $services "mlflow" | default dict).ports }}
      {{- range $client, $access := $its.clients }}
        {{- if and (get $outside $client) (ne $access "none") }}
          {{- $other := printf "%s: none below the clients of global.services.mlflow-proxy" $client }}
          {{- include "common.problem" (dict
                "path" (printf "global.services.mlflow.ports.%s.clients.%s" $port $client)
                "wrong" (printf "%s is a client of mlflow-proxy, so forwards requests from outside the cluster, %s"
                  $client "and MLflow itself requires no login")
                "write" (printf "write none, and mlflow.oidc.enabled: true; if %s itself requires a login, write %s"
                  $client $other)) }}
        {{- end }}
      {{- end }}
    {{- end }}
  {{- end }}
{{- end }}
