"""Argo CD's objects that install the umbrella: Applications, AppProjects and health checks.

`source` reads the address of the charts, `operators` the table of operators, and `plan` what to
install. `applications` and `projects` build Argo CD's objects from a plan, and `health` the health
checks in Lua. `documents` assembles the files, also those in docs/gitops.
"""
