"""The charts as files: finds, reads and renders them; `generate` writes files from them.

`discovery` finds the charts, `merging` merges values as Helm does, `values`
validates values files, `render` renders a chart. `kuberay` builds the pods that the KubeRay
operator creates, `kubernetes` prepares the schemas of Kubernetes objects, and `alerts` renders
Prometheus rules.
"""
