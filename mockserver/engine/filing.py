"""The files of a session, as the API serves them. Not here: reading uploads (`validation`), keeping files (`state`).

Source: recorded answers, the documentation and the `anthropic` package; with the beta header lists and refusals have
the form that they had before files were generally available. Inferred: that what has expired is told before what cannot
be downloaded, and with the beta header the words about an unknown file.
"""

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count
from typing import Final, NoReturn

from mockserver.engine.asking import Asking
from mockserver.engine.contents import content_of, files_of
from mockserver.engine.worlds import World
from mockserver.reply import plan
from mockserver.reply.identifiers import Source
from mockserver.reply.steps import Reply
from mockserver.state.files import Files, FullError
from mockserver.validation.cursors import both_forms, page_of
from mockserver.validation.paging import read_paging
from mockserver.validation.transport import Route
from mockserver.validation.uploads import Upload, read_upload
from mockserver.wire.catalogue import CATALOGUE
from mockserver.wire.encoding import JsonObject
from mockserver.wire.errors import ApiError, own_refusal
from mockserver.wire.files import AGENTS_BETA, BETA, File, content_headers, file_info
from mockserver.wire.headers import betas
from mockserver.wire.telling import redact


def upload(asking: Asking, _route: Route) -> Reply:
    """Keep what was uploaded, and tell of it."""
    asking.exchange.body = None  # what came is no JSON
    given = read_upload(asking.incoming)
    asking.exchange.note = redact(given.told)
    asking.body = described(given)  # and not the bytes that came: their boundary differs each time
    try:
        file = keep(asking.world, given, asking.source, asking.now)
    except FullError as error:
        refusal = CATALOGUE["storage_quota_exceeded"].refusal()
        asking.exchange.reason = f"{refusal.message} ({error})"
        raise refusal from None
    except OSError as error:
        raise own_refusal("api_error", f"the file cannot be kept in 'files_folder': {error}") from None
    return _told(asking, _info(asking, file))


def described(given: Upload) -> JsonObject:
    """Return what tells two uploads apart."""
    digest = hashlib.blake2b(given.content, digest_size=32).hexdigest()
    return {"filename": given.filename, "mime_type": given.mime_type, "life": given.lifetime, "content": digest}


def keep(
    world: World, given: Upload, source: Source, now: datetime, *, name: str | None = None, downloadable: bool = False
) -> File:
    """Keep a file in a session, under that id where one is given. Raises `FullError` and `OSError`."""
    files = files_of(world, now)
    if name is None:
        names = (source.file_id(attempt) for attempt in count())
        name = next(name for name in names if files.find(name) is None)
    expires = None if given.lifetime is None else now + timedelta(seconds=given.lifetime)
    file = File(name, given.filename, given.mime_type, len(given.content), now, expires, downloadable)
    files.add(file, given.content)
    return file


def listed(asking: Asking, _route: Route) -> Reply:
    """Return a page of the files, the newest first, in the form that the beta header asks for."""
    asking.warn_of_others("files")
    parameters, asked = asking.incoming.parameters, betas(asking.incoming.headers)
    has_scope = any(parameters.get("scope_id", ()))  # that of a managed agent's session: no file has one
    placed = [] if has_scope else _files(asking).newest_first()
    items = [(place, _info(asking, file)) for place, file in placed]
    if BETA in asked:
        return _told(asking, read_paging(parameters).page([item for _, item in items]))
    return _told(asking, (both_forms if AGENTS_BETA in asked else page_of)(parameters, items))


def retrieve(asking: Asking, route: Route) -> Reply:
    """Tell of a file, also of one that has expired."""
    return _told(asking, _info(asking, _found(asking, route.id)))


def delete(asking: Asking, route: Route) -> Reply:
    """Forget a file."""
    file = _found(asking, route.id)
    asking.world.files.drop(file.id)
    return _told(asking, {"id": file.id, "type": "file_deleted"})


def download(asking: Asking, route: Route) -> Reply:
    """Return the content of a file that may be downloaded."""
    file = _found(asking, route.id)
    content = content_of(asking.world, file)
    if content is None:
        raise CATALOGUE["file_expired"].refusal()
    if not file.downloadable:
        _refuse_download(asking, file)
    asking.exchange.verdict = "filed"
    return plan.download(content, asking.envelope, content_headers(file))


HANDLERS: Final[dict[str, Callable[[Asking, Route], Reply]]] = {
    "files.upload": upload,
    "files.list": listed,
    "files.retrieve": retrieve,
    "files.delete": delete,
    "files.download": download,
}
"""Operation -> what answers it."""


def _files(asking: Asking) -> Files:
    return files_of(asking.world, asking.now)


def _found(asking: Asking, name: str) -> File:
    file = _files(asking).find(name)
    if file is None:
        asking.warn_of_others("files")
        words = f"File not found: {name}" if _is_beta(asking) else f"File `{name}` not found."
        raise ApiError("not_found_error", words)
    return file


def _refuse_download(asking: Asking, file: File) -> NoReturn:
    if _is_beta(asking):
        raise ApiError("invalid_request_error", f"File '{file.id}' is not downloadable")
    words = (
        f"File `{file.id}` is not downloadable. Only files generated by a tool (for example, the code execution tool)"
    )
    details = CATALOGUE["file_not_downloadable"].all_details
    raise ApiError("invalid_request_error", f"{words} can be downloaded.", details=details)


def _info(asking: Asking, file: File) -> JsonObject:
    return file_info(file, beta=_is_beta(asking))


def _is_beta(asking: Asking) -> bool:
    return BETA in betas(asking.incoming.headers)


def _told(asking: Asking, body: JsonObject) -> Reply:
    asking.exchange.verdict = "filed"
    return plan.plain(body, asking.envelope)
