"""What `speed.py` is made of: questions, servers, load, cases, and the report."""
