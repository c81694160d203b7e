"""What the fixtures and the test case have in common. Imports nothing, so that a test run without them pays nothing."""

from typing import Final

URL: Final = "MOCKSERVER_URL"
"""Variable with the address of a server that runs already, to be used instead of one of its own."""

INSTANT: Final = {"speed": "instant"}
"""No wait takes time, unless a test, a file or the environment says otherwise."""
