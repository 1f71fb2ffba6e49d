"""The platform as a release on a cluster: installed, tested, and seen by its parts."""
