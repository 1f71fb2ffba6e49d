"""`carbon migrate-values`: changes a values file of one version of the charts for another version.

1. `rules` reads the rules in schemas/upgrade/migrations: keys that move, and keys that vanish.
2. `plan` lists the edits of a values file, and what a person must decide.
3. `text` makes an edit in the text of the file. All other lines stay as they are.
4. `run` makes all edits, and asks the schema and the charts of the other version.
"""
