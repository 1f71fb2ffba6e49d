"""Values of both versions: schemas, defaults, and values that a version refuses."""
