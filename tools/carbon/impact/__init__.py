"""What the policies of a release do to the pods of a cluster, those of other teams too.

- `cluster`: the cluster's objects, from files of `kubectl get` or from its API server.
- `workloads`: pods with the same labels, as one peer of connections.
- `istio`: evaluation of Istio's policies; NetworkPolicies are evaluated by
  `carbon.check.services.reachability`.
- `state`: which connections are open under a set of policies, and what closes the others.
- `comparison`: what changes from one set of policies to another.
- `steps`: the steps in which a release gets its policies on a cluster with other teams.
- `outputs`: the results as text and as JSON.
"""
