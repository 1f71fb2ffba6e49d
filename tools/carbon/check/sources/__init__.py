"""The files of charts that a check reads: schemas, values, templates, tables of facts."""
