"""The stages in order; the only place that knows the order. Not here: the stages themselves.

Order measured on the live API: edge, route and method, credentials, headers, JSON, schema. The first failure wins.
"""

from collections.abc import Collection

from mockserver.settings import Validation
from mockserver.validation.credentials import check_credentials, check_version
from mockserver.validation.incoming import Incoming
from mockserver.validation.schema import check_object, check_shape, parse
from mockserver.validation.transport import check_body, check_route
from mockserver.wire.encoding import JsonObject


def judge(incoming: Incoming, level: Validation, accepted_keys: Collection[str]) -> JsonObject:
    """Return the request body, or raise the `ApiError` that the real API would answer with.

    `lenient` judges transport, credentials, version, JSON and shape; `off` leaves out version and shape.
    """
    check_body(incoming)
    check_route(incoming.method, incoming.path)
    check_credentials(incoming.headers, accepted_keys)
    if level != "off":
        check_version(incoming.headers)
    body = check_object(parse(incoming.body))
    if level != "off":
        check_shape(body)
    return body
