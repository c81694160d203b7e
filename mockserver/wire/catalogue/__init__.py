"""The errors of the API by name, as a scenario may name them: one row each. Not here: error types (`errors`), rules.

Sources: live answers quoted in public (`quoted`), the documentation and the `anthropic` package's error codes
(`documented`: status, type and code are certain there, the words are the package's own). In a message stand `{org}`,
`{model}` (the request's) and `{date}` (the first of next month).
"""

from typing import Final

from mockserver.wire.catalogue.accounts import CREDENTIALS, MONEY
from mockserver.wire.catalogue.limits import RATES, SERVER
from mockserver.wire.catalogue.named import NamedError
from mockserver.wire.catalogue.objects import OBJECTS
from mockserver.wire.catalogue.requests import CONTENT

__all__ = ["CATALOGUE", "NamedError"]

CATALOGUE: Final[dict[str, NamedError]] = CREDENTIALS | MONEY | RATES | CONTENT | OBJECTS | SERVER
"""Name -> error."""
