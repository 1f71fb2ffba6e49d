"""The services table (`global.services`) compared with rendered pods, connections and policies."""
