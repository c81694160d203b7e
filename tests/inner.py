"""A pytest inside a test, in the same process.

Whatever the inner tests import is loaded here: otherwise each of them would load it anew, which takes seconds. For the
same reason the inner pytest goes without the plugins that its tests do not use.
"""

import gc
import warnings

import anthropic
import yaml

from mockserver import MockServer

LOADED = (anthropic, yaml, MockServer)

ARGUMENTS = (
    *(f"-pno:{name}" for name in ("cacheprovider", "hypothesispytest", "faker", "aiohttp", "randomly")),
    *("-o", "asyncio_default_fixture_loop_scope=function"),
)


def run_inside(pytester, *arguments):
    """Run the tests of the folder; what they leave open, as short examples do, is not the outer test's fault."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        result = pytester.runpytest_inprocess(*ARGUMENTS, *arguments)
        gc.collect()
    return result
