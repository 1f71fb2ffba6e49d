"""The services table (`global.services`): reading it from values, and its page in docs/."""
