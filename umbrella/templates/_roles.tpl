{{- /*
  254carbon.role.names  the roles, as a YAML list; each role also has the rules of the roles before it
  254carbon.role.rules  the rules that each role adds, as YAML by role name. No rule has a wildcard, only
                        the role operator reads Secrets, and no rule allows creating roles or impersonation.
*/}}
{{- define "254carbon.role.names" -}}
[viewer, dataScientist, engineer, operator]
{{- end }}

{{- define "254carbon.role.rules" -}}
viewer:
  - apiGroups: [""]
    resources:
      - configmaps
      - endpoints
      - events
      - limitranges
      - persistentvolumeclaims
      - pods
      - pods/log
      - resourcequotas
      - serviceaccounts
      - services
    verbs: &read [get, list, watch]
  - {apiGroups: [apps], resources: [deployments, replicasets, statefulsets], verbs: *read}
  - {apiGroups: [autoscaling], resources: [horizontalpodautoscalers], verbs: *read}
  - {apiGroups: [batch], resources: [cronjobs, jobs], verbs: *read}
  - {apiGroups: [discovery.k8s.io], resources: [endpointslices], verbs: *read}
  - {apiGroups: [gateway.networking.k8s.io], resources: [httproutes], verbs: *read}
  - {apiGroups: [kueue.x-k8s.io], resources: [localqueues, workloads], verbs: *read}
  - {apiGroups: [metrics.k8s.io], resources: [pods], verbs: [get, list]}
  - {apiGroups: [monitoring.coreos.com], resources: [podmonitors, prometheusrules], verbs: *read}
  - {apiGroups: [networking.istio.io], resources: [destinationrules, sidecars], verbs: *read}
  - {apiGroups: [networking.k8s.io], resources: [ingresses, networkpolicies], verbs: *read}
  - {apiGroups: [policy], resources: [poddisruptionbudgets], verbs: *read}
  - {apiGroups: [ray.io], resources: [rayclusters, rayjobs, rayservices], verbs: *read}
  - {apiGroups: [rbac.authorization.k8s.io], resources: [rolebindings, roles], verbs: *read}
  - {apiGroups: [security.istio.io], resources: [authorizationpolicies, peerauthentications], verbs: *read}
dataScientist:
  # kubectl port-forward needs both verbs.
  - {apiGroups: [""], resources: [pods/portforward], verbs: [create, get]}
engineer:
  - {apiGroups: [""], resources: [configmaps, persistentvolumeclaims], verbs: &write [create, delete, patch, update]}
  - {apiGroups: [""], resources: [pods], verbs: [create, delete]}
  - {apiGroups: [batch], resources: [cronjobs, jobs], verbs: *write}
  - {apiGroups: [ray.io], resources: [rayjobs, rayservices], verbs: *write}
operator:
  - {apiGroups: [""], resources: [pods/ephemeralcontainers], verbs: &change [patch, update]}
  - {apiGroups: [""], resources: [pods/eviction], verbs: [create]}
  - {apiGroups: [""], resources: [pods/exec], verbs: [create, get]}
  - {apiGroups: [""], resources: [secrets], verbs: [create, delete, get, list, patch, update, watch]}
  - {apiGroups: [apps], resources: [deployments, statefulsets], verbs: *change}
  - {apiGroups: [apps], resources: [deployments/scale, statefulsets/scale], verbs: [get, patch, update]}
  - {apiGroups: [autoscaling], resources: [horizontalpodautoscalers], verbs: *change}
  - {apiGroups: [kueue.x-k8s.io], resources: [localqueues, workloads], verbs: *change}
  - {apiGroups: [ray.io], resources: [rayclusters], verbs: [delete, patch, update]}
{{- end }}
