"""The external programs and libraries that a check runs, a module each."""
