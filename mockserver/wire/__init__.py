"""The contract: what the real Messages API says. Imports nothing of ours but this folder."""
