"""Questions about what came: queries, assertions, stories. Not here: who asks them (`control`, `testing`)."""
