"""Judging a request: bytes to a body, or an `ApiError`. Knows the wire; knows no scenario."""
