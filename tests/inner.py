"""A pytest inside a test, in the same process.

Pytest forgets what the inner tests are the first to import. That is slow (the SDK takes seconds) and wrong: a module
that keeps a class of Jinja2 does not know the class of a second Jinja2. So all of that is loaded here, before. For
speed the inner pytest goes without the plugins that its tests do not use.
"""

import contextlib
import gc
import importlib
import pkgutil
import warnings

import mockserver

LAZY = ("anthropic", "faker", "jinja2.meta", "jinja2.sandbox", "rstr", "yaml")
"""What is imported when it is first needed, beside modules of the server's own."""

OWN = (module.name for module in pkgutil.walk_packages(mockserver.__path__, "mockserver."))

LOADED = [importlib.import_module(name) for name in (*OWN, *LAZY) if not name.endswith("__main__")]

ARGUMENTS = (
    *(f"-pno:{name}" for name in ("cacheprovider", "hypothesispytest", "faker", "aiohttp", "randomly")),
    *("-o", "asyncio_default_fixture_loop_scope=function"),
)


@contextlib.contextmanager
def open_ends():
    """What is left open within, as short examples do, is not the test's fault."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        yield
        gc.collect()


def run_inside(pytester, *arguments):
    """Run the tests of the folder."""
    with open_ends():
        return pytester.runpytest_inprocess(*ARGUMENTS, *arguments)
