"""`carbon diff`: what changes between two versions of the charts with the values of one release.

1. `live` reads an installed release from the Secret in which Helm stores it.
2. `sources` finds both versions and their objects. A version that is not installed is rendered with
   the values of the installed release, or with given values.
3. `data` compares the revisions of the data of both versions.
4. `changes` compares the objects, without what a reader does not need, and without values of
   Secrets. The rules of `carbon upgrade-check` judge the same objects.
5. `outputs` writes the difference: restarts, deletions, changed objects, the verdict.
"""
