"""Objects of both versions: written alike, in pairs, and the fields that differ."""
