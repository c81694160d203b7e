"""The contents of a session's files, for whoever reads a prompt. Not here: keeping them (`state`), serving."""

from datetime import datetime

from mockserver.engine.worlds import World
from mockserver.reply.inlining import MOST_BYTES, Content, Read, inlined
from mockserver.state.files import Files
from mockserver.wire.encoding import JsonObject
from mockserver.wire.errors import own_refusal
from mockserver.wire.files import File


def files_of(world: World, now: datetime) -> Files:
    """Return a session's files, without what has expired by now."""
    world.files.forget_expired(now)
    return world.files


def with_contents(body: JsonObject, world: World, now: datetime, *, named: bool = False) -> JsonObject:
    """Return the body with the contents of the session's files in the place of their ids; `named`: beside these."""
    files = files_of(world, now)
    return inlined(body, _reader(world, files), named=named) if len(files) else body


def _reader(world: World, files: Files) -> Read:
    def read(name: str) -> Content | None:
        file = files.find(name)
        if file is None or file.size > MOST_BYTES:
            return None
        data = content_of(world, file)
        return None if data is None else Content(file.mime_type, data)

    return read


def content_of(world: World, file: File) -> bytes | None:
    """Return what a file holds, None where it has expired. Raises `ApiError` where somebody took it from the folder."""
    try:
        return world.files.content(file)
    except OSError as error:
        raise own_refusal("api_error", f"the content of {file.id} cannot be read: {error}") from None
