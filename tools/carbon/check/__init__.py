"""`carbon check`: checks that every chart conforms, with every values file, in seconds.

How a check runs:

1. `engine.checkout` finds the charts; `engine.cases` lists the cases of each: a chart with one set
   of values files.
2. `engine.plan` makes tasks with a hash of their inputs; `engine.run` takes results from the cache
   by that hash and runs the other tasks in worker processes.
3. A task examines one case (`render`: Helm 4, Helm 3, upgrade, missing APIs; then `rules` over the
   rendered objects, and `upgrade.summary` for their comparison with the newest release), the
   schemas, values and templates of a chart (`sources`), the texts of the checkout (`texts`), or
   runs one of the `programs`.
4. `engine.verdicts` passes each new object once to kubeconform, kube-validate, yamllint, kube-score
   and checkov. `texts.objects` then compares the objects that Markdown names with all of them.
5. `engine.exceptions` removes accepted findings; `causes` traces each other finding to the line
   that causes it, which is the changed line if the finding ends without that change, and merges
   findings with one cause; `outputs` writes the report.

`--only keys` and `--deep` run `random_values`. `findings` defines rules, violations and findings;
`trees` walks through objects and values.
"""
