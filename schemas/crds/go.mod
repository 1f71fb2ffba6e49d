module 254carbon/schemas/crds

go 1.24.0

require (
	github.com/argoproj/argo-cd/v3 v3.6.1
	github.com/external-secrets/external-secrets v0.16.2
	github.com/prometheus-operator/prometheus-operator v0.85.0
	github.com/ray-project/kuberay/ray-operator v1.6.2
	github.com/vmware-tanzu/velero v1.18.3
	istio.io/api v1.31.0-rc.0.0.20260824154656-b943409680a7
	sigs.k8s.io/gateway-api v1.3.0
	sigs.k8s.io/kueue v0.17.0
)
