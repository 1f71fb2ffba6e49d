"""The files that a check reads: schemas, values and templates of charts, tables in schemas/."""
