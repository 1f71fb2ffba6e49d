"""Creates charts from the template in tools/chart-template, for `tools/new-chart`.

`names` refuses names that a new chart can't have, `template` renders the template, `entries` adds
the chart to tables of the repository, and `create` writes everything in one `transaction`;
`remove` undoes that, and `rename` moves all of it, with the new name in its `texts`. `drift` finds
lines of the template that differ from it, for the `rule` of `carbon check`, and `update` merges
changes of the template into charts (`merge`). `owners` counts the lines of a chart by their owner:
the template, `carbon generate`, or the chart's authors.
"""
