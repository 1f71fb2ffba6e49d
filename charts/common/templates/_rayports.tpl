{{- /*
common.rayPorts renders global.ray.ports as a YAML list of {name, port, node, option}. `node` is
`head` or `every`; `option` is the option of `ray start` that sets the port, if there is one. All
ports are fixed, since a mesh admits only ports that a Service and its policies list. Takes `ctx`,
and fails without it.
*/}}
{{- define "common.rayPorts" }}
  {{- include "common.need" (list "common.rayPorts" . "ctx") }}
  {{- with .ctx.Values.global.ray.ports -}}
- {name: gcs-server, port: {{ .gcs }}, node: head, option: port}
- {name: dashboard, port: {{ .dashboard }}, node: head, option: dashboard-port}
- {name: client, port: {{ .client }}, node: head, option: ray-client-server-port}
- {name: as-metrics, port: {{ .autoscalerMetrics }}, node: head}
- {name: dash-metrics, port: {{ .dashboardMetrics }}, node: head}
- {name: serve, port: {{ .serve }}, node: every}
- {name: metrics, port: {{ .metrics }}, node: every, option: metrics-export-port}
- {name: node-manager, port: {{ .nodeManager }}, node: every, option: node-manager-port}
- {name: object-manager, port: {{ .objectManager }}, node: every, option: object-manager-port}
- {name: runtime-env, port: {{ .runtimeEnvAgent }}, node: every, option: runtime-env-agent-port}
- {name: agent-grpc, port: {{ .dashboardAgentGrpc }}, node: every, option: dashboard-agent-grpc-port}
- {name: agent-http, port: {{ .dashboardAgentHttp }}, node: every, option: dashboard-agent-listen-port}
    {{- range untilStep (int .workers.first) (int (add1 .workers.last)) 1 }}
- {name: worker-{{ . }}, port: {{ . }}, node: every}
    {{- end }}
  {{- end }}
{{- end }}
