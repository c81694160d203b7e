"""The official Python SDK keeps files: uploads of every kind, lists, downloads, expiry, and files in messages."""

import io
import socket
from datetime import UTC, datetime

import anthropic
import pytest
from anthropic import Anthropic, AsyncAnthropic
from anthropic.types import (
    DeletedFile,
    FileExpiredError,
    FileMetadata,
    FileNotDownloadableError,
    StorageQuotaExceededError,
)
from anthropic.types.beta import BetaFileMetadata
from helpers import multipart

from mockserver import MockServer

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
BETA = ["files-api-2025-04-14"]


@pytest.fixture
def server():
    with MockServer(freeze=NOW.isoformat(), objects="strict") as running:
        yield running


@pytest.fixture
def client(server):
    with Anthropic(base_url=server.base_url, api_key=server.api_key, max_retries=0) as made:
        yield made


def forms(folder):
    (folder / "notes.txt").write_bytes(b"Hello")
    return {
        "bytes": (b"Hello", "unnamed.txt", "text/plain"),
        "a path": (folder / "notes.txt", "notes.txt", "text/plain"),
        "an open file": (io.BytesIO(b"Hello"), "unnamed.txt", "text/plain"),
        "name and content": (("notes.md", b"Hello"), "notes.md", "text/markdown"),
        "name, content and type": (("notes.x", b"Hello", "text/x-notes"), "notes.x", "text/x-notes"),
        "an umlaut": (("Größe 1.csv", b"Hello", "text/csv"), "Größe 1.csv", "text/csv"),
    }


@pytest.mark.parametrize(
    "kind", ["bytes", "a path", "an open file", "name and content", "name, content and type", "an umlaut"]
)
def test_uploads_of_every_kind(client, tmp_path, kind):
    given, name, media_type = forms(tmp_path)[kind]
    file = client.files.upload(file=given)
    assert isinstance(file, FileMetadata)
    assert file.to_dict(mode="python") == {
        "id": file.id, "type": "file", "size_bytes": 5, "created_at": NOW, "expires_at": None,
        "filename": file.filename, "mime_type": file.mime_type, "downloadable": False,
    }  # fmt: skip
    if kind not in ("bytes", "an open file"):  # the SDK names those itself, or not
        assert (file.filename, file.mime_type) == (name, media_type)
    assert client.files.retrieve_metadata(file.id) == file


def test_a_list_is_paged_through_by_itself(client):
    ids = [client.files.upload(file=(f"{n}.txt", b"x")).id for n in range(5)]
    assert [file.id for file in client.files.list(limit=1)] == ids[::-1]
    assert [file.id for file in client.files.list()] == ids[::-1]
    page = client.files.list(limit=2)
    assert page.has_next_page()
    assert page.next_page.startswith("page_")
    chosen = client.files.list(ids=[ids[0], ids[3], "file_unknown"])
    assert ([file.id for file in chosen.data], chosen.has_next_page()) == ([ids[3], ids[0]], False)
    with pytest.raises(anthropic.BadRequestError, match="'ids' may not be given together"):
        client.files.list(ids=ids, limit=1)


def test_a_deleted_file_is_gone(client):
    file = client.files.upload(file=b"Hello")
    assert client.files.delete(file.id) == DeletedFile(id=file.id, type="file_deleted")
    for ask in (client.files.retrieve_metadata, client.files.delete, client.files.download):
        with pytest.raises(anthropic.NotFoundError, match=f"File `{file.id}` not found"):
            ask(file.id)


def test_what_a_tool_wrote_is_downloaded_and_an_upload_is_not(client, server, tmp_path):
    server.add_file(b"1,2\n", "squares.csv", id="file_squares")
    client.files.download("file_squares").write_to_file(tmp_path / "squares.csv")
    assert (tmp_path / "squares.csv").read_bytes() == b"1,2\n"
    headers = client.files.with_raw_response.download("file_squares").headers
    assert headers["content-type"] == "text/csv"
    assert headers["content-disposition"] == "attachment; filename*=utf-8''squares.csv"
    with pytest.raises(FileNotDownloadableError) as told:
        client.files.download(client.files.upload(file=b"Hello").id)
    assert told.value.details.error_code == "file_not_downloadable"


def test_a_file_expires_when_the_clock_says_so(client, server):
    file = client.files.upload(file=b"Hello", expires_in_seconds=3600)
    assert (file.expires_at - file.created_at).total_seconds() == 3600
    server.clock.advance(3600)
    with pytest.raises(FileExpiredError):
        client.files.download(file.id)
    assert client.files.retrieve_metadata(file.id) == file
    for seconds, words in ((3599, "greater than or equal to 3600"), (7776001, "less than or equal to 7776000")):
        with pytest.raises(anthropic.BadRequestError, match=words):
            client.files.upload(file=b"Hello", expires_in_seconds=seconds)


def test_beyond_the_quota_the_sdk_knows_the_error(client, server):
    server.configure(file_quota=8)
    file = client.files.upload(file=b"Hello")
    with pytest.raises(StorageQuotaExceededError):
        client.files.upload(file=b"Hello")
    assert "file_quota" in server.requests.last.reason
    client.files.delete(file.id)
    client.files.upload(file=b"Hello")


def test_the_beta_namespace_with_and_without_the_header(client):
    file = client.beta.files.upload(file=("a.txt", b"Hello", "text/plain"), expires_in_seconds=3600)
    assert isinstance(file, BetaFileMetadata)
    assert (file.expires_at is not None, file.scope) == (True, None)
    older = client.beta.files.retrieve_metadata(file.id, betas=BETA)
    assert "expires_at" not in older.model_fields_set
    client.beta.files.upload(file=("b.txt", b"Hello", "text/plain"), betas=BETA)
    assert len(list(client.beta.files.list(limit=1))) == 2
    page = client.beta.files.list(limit=1, betas=BETA)
    assert (page.model_extra["has_more"], page.model_extra["last_id"]) == (True, page.data[0].id)
    rest = client.beta.files.list(betas=BETA, extra_query={"after_id": page.data[0].id})
    assert [one.id for one in rest.data] == [file.id]
    assert client.beta.files.delete(file.id).type == "file_deleted"


def test_a_file_in_a_message_and_one_that_code_execution_wrote(client, server):
    server.add_file(b"1,1\n2,4\n", "squares.csv", id="file_squares")
    server.add({
        "match": {"user": "squares"},
        "reply": [
            {"server_tool_use": {"name": "bash_code_execution", "input": {"command": "python squares.py"}}},
            {"bash_code_execution_tool_result": {"content": {
                "type": "bash_code_execution_result", "stdout": "", "stderr": "", "return_code": 0,
                "content": [{"type": "bash_code_execution_output", "file_id": "file_squares"}],
            }}},
            {"text": "Here they are."},
        ],
    })  # fmt: skip
    data = client.files.upload(file=("data.csv", b"1\n2\n", "text/csv"))
    answer = client.messages.create(
        model="claude-sonnet-5",
        max_tokens=500,
        tools=[{"type": "code_execution_20250825", "name": "code_execution"}],
        messages=[
            {
                "role": "user",
                "content": [{"type": "container_upload", "file_id": data.id}, {"type": "text", "text": "The squares?"}],
            }
        ],
    )
    (output,) = answer.content[1].content.content
    assert client.files.download(output.file_id).read() == b"1,1\n2,4\n"
    with pytest.raises(anthropic.NotFoundError, match="File not found: file_unknown"):
        client.messages.create(
            model="claude-sonnet-5",
            max_tokens=9,
            messages=[
                {
                    "role": "user",
                    "content": [{"type": "document", "source": {"type": "file", "file_id": "file_unknown"}}],
                }
            ],
        )


@pytest.mark.asyncio
async def test_the_asynchronous_client_pages_and_downloads(server):
    server.add_file(b"1,2\n", "squares.csv", id="file_squares")
    async with AsyncAnthropic(base_url=server.base_url, api_key=server.api_key, max_retries=0) as client:
        file = await client.files.upload(file=("a.txt", b"Hello"))
        assert [one.id async for one in client.files.list(limit=1)] == [file.id, "file_squares"]
        assert await (await client.files.download("file_squares")).read() == b"1,2\n"


def test_a_large_file_goes_there_and_back(client, server):
    content = bytes(range(256)) * 160_000
    file = client.files.upload(file=("large.bin", content, "application/octet-stream"))
    assert file.size_bytes == len(content) > 32 * 1024 * 1024
    server.add_file(content, "large.bin", id="file_large")
    assert client.files.download("file_large").read() == content
    assert len(server.requests) == 2, "it does not push other requests out of the journal"


# ------------------------------------------------------------------ as bytes


def raw(server, head, *pieces):
    """Send a request in pieces; return status and body of the answer."""
    host, port = server.base_url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(head)
        for piece in pieces:
            connection.sendall(piece)
        answer = b""
        while chunk := connection.recv(65536):
            answer += chunk
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head.split()[1]), body


def head_of(server, *lines):
    usual = ("POST /v1/files HTTP/1.1", "host: x", f"x-api-key: {server.api_key}", "anthropic-version: 2023-06-01")
    typed = ("content-type: multipart/form-data; boundary=b0undary", "connection: close")
    return ("\r\n".join((*usual, *typed, *lines)) + "\r\n\r\n").encode()


BODY = multipart(('; name="file"; filename="a.txt"', b"Hello", "text/plain"))


def test_a_body_in_many_pieces_and_in_chunks(server):
    pieces = [BODY[at : at + 1] for at in range(len(BODY))]
    assert raw(server, head_of(server, f"content-length: {len(BODY)}"), *pieces)[0] == 200
    chunks = b"".join(b"1\r\n" + piece + b"\r\n" for piece in pieces) + b"0\r\n\r\n"
    status, body = raw(server, head_of(server, "transfer-encoding: chunked"), chunks)
    assert (status, b'"size_bytes":5' in body) == (200, True)


def test_a_body_that_is_no_multipart_is_a_400_of_the_api(server):
    status, body = raw(server, head_of(server, "content-length: 5"), b"Hello")
    assert status == 400
    assert body.startswith(
        b'{"type":"error","error":{"type":"invalid_request_error","message":"There was an error parsing'
    )
