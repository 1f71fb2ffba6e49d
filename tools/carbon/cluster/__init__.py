"""The local cluster: a real Kubernetes node on this machine, in Linux namespaces of its own.

`lifecycle` starts and stops the node and its add-ons, `node` is the node's first process,
`supervisor` configures the programs on the node, `addons` reads the tables of these programs. The
flags of the programs are in `files/` and `tools/addons/`.
"""
