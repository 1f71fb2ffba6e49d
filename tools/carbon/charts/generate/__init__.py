"""Builds the files that `carbon generate` writes.

`files` lists those of the charts. `schema` compiles values schemas with the help of `fragments`,
`readme` builds READMEs, `dashboards` Grafana dashboards, `roles` docs/roles.md, and `crds` the
schemas of other projects' CRDs. `blocks` replaces generated parts of a file written by hand.
"""
