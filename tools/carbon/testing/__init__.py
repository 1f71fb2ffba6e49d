"""The tests by tiers: which there are, which run, what came of them."""
