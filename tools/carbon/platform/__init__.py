"""The platform on a cluster: installs the release, tests it, shows its workloads."""
