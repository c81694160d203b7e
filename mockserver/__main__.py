"""The program: `python -m mockserver`, and the command `mockserver`. Not here: its commands (`cli`)."""

import gc
import os
from typing import Final

_SPARED: Final = {
    "SSL_CERT_FILE": os.devnull,  # aiohttp's client reads all authorities when it is imported: a tenth of the start
    "PYDANTIC_DISABLE_PLUGINS": "__all__",  # pydantic looks for some in whatever is installed
}
"""Variables of libraries, set so that these leave out what a program that calls nobody never needs."""


def main() -> None:
    """Run the command line, in a process that is its own: elsewhere it would not be ours to set these things."""
    os.environ.update(_SPARED)
    gc.disable()  # what is imported and loaded stays; a server that is ready enables it, other commands end soon
    from mockserver.cli import main as command  # noqa: PLC0415 - not before

    command(prog_name="mockserver")


if __name__ == "__main__":
    main()
