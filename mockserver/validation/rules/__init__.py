"""What the parts of a request mean together: one small function a rule, one table in the order of the checks."""
