"""Releases of the charts: their packages, and the index of the releases in tests/upgrade/releases.

- `index`: the index, which names each release's commit, date, packages and digests.
- `archives`: archives with the same bytes for the same files.
- `packages`: packages of the charts, as `helm package` builds them.
- `versions`, `changelog`, `prepare`: a release's version and changes, and the files with both.
- `commit`, `publish`: the commit that is packaged, and its way to a target and the index.
- `targets`, `signing`: a folder or a registry; provenance files.
- `stored`: the charts and values files of a release, from the archives in the folder of the index.
"""
