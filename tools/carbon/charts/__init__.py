"""The charts as files: where they are, their schemas, what is generated from them."""
