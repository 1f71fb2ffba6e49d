"""`carbon check --deep`: random values, and the effect of every key of a schema."""
