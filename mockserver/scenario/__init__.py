"""What an author writes: the format, its loading, matching and templates. Knows the wire; judges no request."""
