"""A real Kubernetes node on this machine, in namespaces of its own.

`lifecycle` brings it up and down, `node` is its first process, `programs` says what runs in it.
The flags that matter here, and why, were found by running it; upstream's manuals hold the rest.
"""
