"""What outlives a request: clock, sessions, attempts, journal. Decides nothing."""
