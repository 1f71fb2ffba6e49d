"""Who may talk to whom: the table of the chart mesh-policies, and what follows from it."""
