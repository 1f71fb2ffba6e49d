"""The files that a check reads: schemas, values, templates, the components table."""
