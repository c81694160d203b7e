"""The control API under `/_mock/`: what is asked of the server besides the API. Not here: sockets (`serving`).

What it is made of is imported when it is first asked for, since most servers never are.
"""

from typing import Final

from mockserver.engine import locate
from mockserver.validation.incoming import Incoming

PREFIX: Final = "/_mock"


def is_control(incoming: Incoming) -> bool:
    """Whether a request is for the control API."""
    if PREFIX not in incoming.path:
        return False
    path = locate(incoming)[1].path
    return path == PREFIX or path.startswith(f"{PREFIX}/")
