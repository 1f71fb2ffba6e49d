"""The command line `carbon`, which renders, checks, installs and tests the 254carbon Helm charts.

Packages:

- `commands`: one module a command; `app` holds the command line, `__main__` starts it.
- `charts`: the charts as files: discovery, schemas, rendering, generated files.
- `check`: `carbon check`: rules, external linters and random values over every chart.
- `mesh`: the services table `global.services`, and its page in docs/.
- `impact`: `carbon mesh`: what the policies of a release do to the pods of a cluster.
- `platform`: the umbrella as a release on a cluster: installation, status, port forwarding.
- `demo`: `carbon demo`: the first model of examples/ on a running platform.
- `gitops`: the objects with which Argo CD installs the umbrella.
- `release`: releases of the charts: packages, and the index of past releases.
- `upgrade`: `carbon upgrade-check`: what an upgrade between two versions of the charts breaks.
- `cluster`: the local Kubernetes node and its add-ons.
- `images`: images that are built locally, such as the stand-in images, and loaded into the node.
- `externals`: the external programs that tools/externals pins: versions and builds.
- `scaffold`: `carbon new-chart`: charts from the template in tools/chart-template.
- `testing`: the tiers of tests, and their runs.

Modules: `completion` (of words in shells), `console` (output), `errors` (errors that users read),
`files` (reading YAML), `generated` (generated documents), `home` (the checkout and the cache),
`interrupts` (Ctrl-C and its message), `locks` (locks between processes), `options` (options that
commands share), `process` (running programs).
"""
