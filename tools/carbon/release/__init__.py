"""Releases of the charts: their packages, and the index of the releases in tests/upgrade/releases.

- `index`: the index, which names each release's commit, date, packages and digests.
- `archives`: archives with the same bytes for the same files.
- `packages`: packages of the charts, as `helm package` builds them.
- `stored`: the charts and values files of a release, from the archives in the folder of the index.
"""
