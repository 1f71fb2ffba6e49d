"""`carbon check`: does every chart conform, with every values file, in seconds."""
