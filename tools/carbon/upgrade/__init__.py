"""`carbon upgrade-check`: computes what an upgrade between two versions of the charts breaks.

How a check runs:

1. `sides` finds the old and the new version: a release, a package, a chart or a checkout.
2. `cases` lists the values with which both versions are rendered: the defaults, the profiles and
   the CI values files. A case is one chart with one values file.
3. `run` renders each case with both versions, and takes findings from the cache of `carbon check`
   if neither the charts nor the values nor the code have changed.
4. `objects` writes both renders alike, pairs the objects of both versions, and lists the fields
   that differ. Each function in `rules` reads this comparison and yields findings.
5. `charts` compares each chart as a whole: its `values`, its `templates`, and in `contract` the
   revisions of its data.
6. `summary` counts the findings for `carbon check`, whose tasks compare the objects that they have
   rendered.
7. `outputs` writes the report: the findings, and by `versions` the least version of the release.

`findings` defines findings, their severity and the version bump that they need.
"""
