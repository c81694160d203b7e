"""What a test has in its hand: scripting, queries, assertions, for a server here or elsewhere. Not here: the server."""
