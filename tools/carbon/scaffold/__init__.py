"""Creates charts from the template in tools/chart-template, for `tools/new-chart`.

`names` refuses names that a new chart can't have, `template` renders the template, `entries` adds
the chart to tables of the repository, and `create` writes everything in one `transaction`.
`owners` counts the lines of a chart by their owner: the template, `carbon generate`, or the
chart's authors.
"""
