"""Files, from the request to the answer: shapes, errors, quota, expiry, sessions, and what they are to messages."""

import base64
import json
import struct
from urllib.parse import quote

import pytest
from helpers import HEADERS, assistant, engine, multipart, post, request, tool_result, tool_use, upload, user
from hypothesis import given
from hypothesis import strategies as st

from mockserver.control.explaining import explain
from mockserver.control.explaining.reading import RequestError, read_request
from mockserver.control.exports import export
from mockserver.control.local import FileError, GivenFile, Local
from mockserver.control.records import as_json, record_of
from mockserver.engine import Engine
from mockserver.scenario.library import Library
from mockserver.serving.lines import line
from mockserver.settings import Settings, SettingsError
from mockserver.state.clock import Clock
from mockserver.state.files import MOST_FILES, folder_of
from mockserver.validation.incoming import Incoming

BETA = {"anthropic-beta": "files-api-2025-04-14"}
AGENTS = {"anthropic-beta": "managed-agents-2026-04-01"}
AT = "2026-11-20T12:00:00.123456Z"


def at(moment=AT, *scenarios, **settings):
    made = Engine(Library(), Settings(**settings), Clock.frozen(moment))
    for scenario in scenarios:
        made.library.add(scenario)
    return made


def get(server, path="/v1/files", headers=None, method="GET"):
    path, _, query = path.partition("?")
    return server.handle(Incoming(method, path, {**HEADERS, **(headers or {})}, b"", -1, "", query))


def told(handled):
    return json.loads(handled.reply.body)


def uploaded(server, *args, **more):
    handled = upload(server, *args, **more)
    assert handled.reply.head.status == 200, handled.reply.body
    return told(handled)["id"]


def added(local, *args, **more):
    return local.add_file(GivenFile(*args, **more))


def failure(handled):
    error = told(handled)["error"]
    return handled.reply.head.status, error["type"], error["message"], error.get("details")


# ------------------------------------------------------------------ shapes


def test_an_upload_is_told_as_recorded():
    handled = upload(at(), b"Hello", "hello.txt", "text/plain")
    found = told(handled)
    assert handled.reply.body.startswith(b'{"type":"file","id":"file_011C')
    assert len(found["id"]) == len("file_") + 24
    assert {**found, "id": ""} == {
        "type": "file", "id": "", "size_bytes": 5, "created_at": "2026-11-20T12:00:00.123456Z", "expires_at": None,
        "filename": "hello.txt", "mime_type": "text/plain", "downloadable": False,
    }  # fmt: skip
    assert list(found) == [
        "type", "id", "size_bytes", "created_at", "expires_at", "filename", "mime_type", "downloadable"
    ]  # fmt: skip
    assert handled.exchange.verdict == "filed"


def test_a_file_that_expires_says_when():
    assert told(upload(at(), life=3600))["expires_at"] == "2026-11-20T13:00:00.123456Z"


def test_with_the_beta_header_a_file_has_the_older_form():
    found = told(upload(at(), life=3600, headers=BETA))
    assert list(found) == ["type", "id", "size_bytes", "created_at", "filename", "mime_type", "downloadable"]
    assert found["created_at"] == "2026-11-20T12:00:00.123000Z"


def test_the_same_file_is_the_same_whatever_the_boundary_and_ids_follow_from_seed_session_and_content():
    def ask(boundary, content=b"x", path="/v1/files", **settings):
        body = multipart(('; name="file"; filename="a"', content, "a/b"), boundary=boundary)
        return post(at(**settings), body, {"content-type": f"multipart/form-data; boundary={boundary}"}, path)

    first, second = ask("one"), ask("two")
    assert first.reply == second.reply
    others = [ask("one", b"y"), ask("one", seed=2), ask("one", path="/_s/a/v1/files")]
    assert len({told(one)["id"] for one in (first, *others)}) == 4


def test_a_refused_upload_is_answered_alike_whatever_the_boundary():
    def ask(boundary):
        body = multipart(boundary=boundary)
        return post(
            at(), body, {"content-type": f"multipart/form-data; boundary={boundary}", "x-api-key": ""}, "/v1/files"
        )

    assert ask("one").reply == ask("two").reply
    assert ask("one").reply.head.status == 401


def test_equal_files_have_ids_of_their_own_in_the_order_of_their_uploads():
    server = at()
    names = [uploaded(server) for _ in range(20)]
    assert sorted(names) == names
    assert len(set(names)) == 20


def test_an_id_that_somebody_chose_is_not_given_twice():
    name = uploaded(at())
    server = at()
    added(Local(server, "default"), b"mine", "mine.txt", id=name)
    assert uploaded(server) != name
    assert told(get(server, f"/v1/files/{name}"))["filename"] == "mine.txt"


def test_lists_have_the_newest_first_in_the_form_that_is_asked_for():
    server = at()
    one, two, three = (uploaded(server, filename=f"{n}.txt") for n in range(3))
    page = told(get(server, "/v1/files?limit=2&beta=true"))
    assert list(page) == ["data", "next_page"]
    assert [file["id"] for file in page["data"]] == [three, two]
    rest = told(get(server, f"/v1/files?page={page['next_page']}"))
    assert ([file["id"] for file in rest["data"]], rest["next_page"]) == ([one], None)
    assert [f["id"] for f in told(get(server, f"/v1/files?ids[]={one}&ids[]=file_x"))["data"]] == [one]

    older = told(get(server, f"/v1/files?limit=1&after_id={three}", BETA))
    assert (list(older), older["has_more"]) == (["data", "has_more", "first_id", "last_id"], True)
    assert (older["first_id"], older["last_id"], "expires_at" in older["data"][0]) == (two, two, False)
    assert [f["id"] for f in told(get(server, f"/v1/files?before_id={one}", BETA))["data"]] == [three, two]
    both = told(get(server, "/v1/files?limit=1", AGENTS))
    assert (list(both), both["last_id"]) == (["data", "next_page", "has_more", "first_id", "last_id"], three)
    assert told(get(server, "/v1/files?scope_id=sesn_1", AGENTS))["data"] == []
    assert failure(get(server, f"/v1/files?after_id={one}"))[2] == "after_id: Extra inputs are not permitted"
    assert failure(get(server, "/v1/files?after_id=file_x", BETA))[2] == "Invalid pagination cursor for 'after_id'"


def test_a_file_is_retrieved_and_deleted_and_never_known_again():
    server = at()
    name = uploaded(server)
    assert told(get(server, f"/v1/files/{name}"))["id"] == name
    gone = get(server, f"/v1/files/{name}", method="DELETE")
    assert gone.reply.body == f'{{"id":"{name}","type":"file_deleted"}}'.encode()
    for path, method in ((name, "GET"), (name, "DELETE"), (f"{name}/content", "GET")):
        missing = get(server, f"/v1/files/{path}", method=method)
        assert failure(missing) == (404, "not_found_error", f"File `{name}` not found.", None)
        assert missing.reply.head.headers["x-should-retry"] == "false"
    assert failure(get(server, f"/v1/files/{name}", BETA))[2] == f"File not found: {name}"
    assert uploaded(server) != name


# ------------------------------------------------------------------ downloads


def test_only_what_a_tool_wrote_is_downloaded():
    server = at()
    name = uploaded(server)
    words = "can be downloaded."
    status, kind, message, details = failure(get(server, f"/v1/files/{name}/content"))
    assert (status, kind, details) == (400, "invalid_request_error", {"error_code": "file_not_downloadable"})
    assert message.startswith(f"File `{name}` is not downloadable. Only files generated by a tool (for example, the")
    assert message.endswith(words)
    older = (400, "invalid_request_error", f"File '{name}' is not downloadable", None)
    assert failure(get(server, f"/v1/files/{name}/content", BETA)) == older


def test_a_download_is_the_content_with_its_type_and_name():
    server = at()
    made = added(Local(server, "default"), b"1,2\n\xff", "Größe 1.csv", id="file_squares")
    assert (made["id"], made["mime_type"], made["downloadable"]) == ("file_squares", "text/csv", True)
    handled = get(server, "/v1/files/file_squares/content")
    headers = handled.reply.head.headers
    assert (handled.reply.body, handled.reply.head.length) == (b"1,2\n\xff", 5)
    assert headers["content-type"] == "text/csv"
    assert headers["content-disposition"] == "attachment; filename*=utf-8''Gr%C3%B6%C3%9Fe%201.csv"
    assert "vary" not in headers
    assert headers["request-id"].startswith("req_011C")
    assert handled.exchange.response_body == b""
    handled.exchange.sent = "whole"
    assert handled.exchange.response_body == b"1,2\n\xff"


def test_what_has_expired_is_told_for_thirty_days_and_not_downloaded():
    server = at(objects="strict")
    clock = server.clock
    local = Local(server, "default")
    added(local, b"x", "a.txt", id="file_a", expires_in_seconds=3600)
    name = uploaded(server, life=7200)
    clock.advance(3599)
    assert get(server, "/v1/files/file_a/content").reply.body == b"x"
    clock.advance(1)
    code = {"error_code": "file_expired"}
    words = "The file's `expires_at` has passed, so its content is no longer available."
    assert failure(get(server, "/v1/files/file_a/content")) == (404, "not_found_error", words, code)
    assert told(get(server, "/v1/files/file_a"))["expires_at"] == "2026-11-20T13:00:00.123456Z"
    assert [file["id"] for file in told(get(server))["data"]] == [name, "file_a"]
    asked = request(user([document("file_a")]))
    assert failure(post(server, asked)) == (404, "not_found_error", words, code)
    clock.advance(30 * 24 * 3600)
    assert failure(get(server, "/v1/files/file_a"))[0] == 404
    assert failure(post(server, asked)) == (404, "not_found_error", "File not found: file_a", None)
    assert failure(get(server, f"/v1/files/{name}/content"))[3] == code


@pytest.mark.parametrize("objects", ["any", "strict"])
def test_a_file_that_is_known_to_have_expired_is_refused_in_messages_and_rows(objects):
    """Whatever `objects` says of ids that nobody knows; other levels of validation ask nothing of files."""
    server = at(AT, {"reply": "Read."}, objects=objects)
    name = uploaded(server, life=3600)
    asked = request(user([document(name)]))
    assert post(server, asked).reply.head.status == 200
    server.clock.advance(3600)
    words = "The file's `expires_at` has passed, so its content is no longer available."
    refused = post(server, asked)
    assert failure(refused) == (404, "not_found_error", words, {"error_code": "file_expired"})
    assert refused.exchange.reason == f"{words} [objects.known_objects]"
    post(server, {"requests": [{"custom_id": "a", "params": asked}]}, path="/v1/messages/batches")
    assert server.sessions.get("default").journal.exchanges[-1].reason == refused.exchange.reason
    server.sessions.get("default").configure({"validation": "lenient"})
    assert post(server, asked).reply.head.status == 200
    server.sessions.get("default").configure({"validation": "strict"})
    server.clock.advance(30 * 24 * 3600)
    assert post(server, asked).reply.head.status == (200 if objects == "any" else 404)


# ------------------------------------------------------------------ the journal


@pytest.mark.parametrize("key", ["test-key", ""])
def test_the_journal_keeps_no_bytes_of_an_upload(key):
    server = at()
    handled = upload(server, b"secret bytes " * 1000, "a.txt", headers={"x-api-key": key})
    exchange = handled.exchange
    assert (exchange.raw, exchange.body) == (b"", None)
    assert exchange.size < 5000
    assert exchange.received > 13_000
    assert exchange.note == ("file 'a.txt', text/plain, 13,000 bytes" if key else "")
    assert b"secret bytes" not in as_json(record_of(exchange))
    assert "secret bytes" not in export([exchange], "har")
    assert json.loads(export([exchange], "har"))["log"]["entries"][0]["request"].get("postData") is None


def test_the_log_says_what_was_uploaded_and_in_one_line():
    handled = upload(at(), filename="a\u2028b.txt")
    assert "<- the files of this session (file 'a\\u2028b.txt', text/plain, 5 bytes)" in line(handled.exchange, 0)


NO_UPLOADS = [
    ("/v1/files", {}, 400),
    ("/v1/files", {"x-api-key": ""}, 401),
    ("/anthropic/v1/files", {}, 404),
    ("/_s/one/anthropic/v1/files", {}, 404),
]


@pytest.mark.parametrize("dialect", ["anthropic", "bifrost"])
@pytest.mark.parametrize(("path", "headers", "status"), NO_UPLOADS)
def test_a_json_body_that_is_sent_as_an_upload_is_not_kept(path, headers, status, dialect):
    """Neither with the keys in it nor without, whatever it is refused for, so that the journal's bound counts it."""
    if dialect == "bifrost":
        status = 404 if path == "/v1/files" else 400
    secret = {"api_key": "SECRET", "x": "sk-ant-api03-SECRET"}
    handled = post(engine(dialect=dialect), secret, headers, path)
    assert handled.reply.head.status == status
    assert (handled.exchange.body, handled.exchange.raw) == (None, b"")
    assert b"SECRET" not in as_json(record_of(handled.exchange))
    assert handled.exchange.size < 2000


@pytest.mark.parametrize(("method", "path"), [("PUT", "/v1/files"), ("POST", "/files")])
def test_a_long_body_that_was_read_as_an_upload_and_is_none_is_refused_and_not_kept(method, path):
    """A server reads a body before it knows the session: `/_s/v1/files` looks like an upload."""
    handled = post(engine(), bytes(32 * 1024 * 1024 + 1), path=path, method=method)
    assert handled.reply.head.status == 413
    assert (handled.exchange.body, handled.exchange.raw) == (None, b"")


def test_an_upload_of_the_journal_cannot_be_explained_and_says_so():
    record = as_json(record_of(upload(at()).exchange))
    with pytest.raises(RequestError, match="the journal keeps no bytes of a file"):
        read_request(record, Settings())


# ------------------------------------------------------------------ quota and folder


@pytest.fixture(params=["memory", "folder"])
def places(request, tmp_path):
    return {} if request.param == "memory" else {"files_folder": tmp_path / "kept" / "files"}


def test_beyond_the_quota_an_upload_is_refused_until_there_is_room(places):
    server = at(file_quota=10, **places)
    name = uploaded(server, b"x" * 10)
    handled = upload(server, b"y")
    code = {"error_code": "storage_quota_exceeded"}
    words = "The organization's file storage quota is exhausted."
    assert failure(handled) == (400, "invalid_request_error", words, code)
    assert "1 bytes do not fit: 10 of 10 are used; the setting 'file_quota'" in handled.exchange.reason
    assert "'file_quota'" in line(handled.exchange, 0)
    with pytest.raises(FileError, match="1 bytes do not fit"):
        added(Local(server, "default"), b"z", "z.txt")
    uploaded(server, b"x" * 10, path="/_s/other/v1/files")
    get(server, f"/v1/files/{name}", method="DELETE")
    uploaded(server, b"y")
    server.sessions.get("default").configure({"file_quota": "1KB"})
    uploaded(server, b"x" * 1000)


def test_beyond_a_number_of_files_an_upload_is_refused_like_one_beyond_the_quota(monkeypatch):
    """Empty files cost no quota, and a server that many tests share has to stay bounded."""
    assert MOST_FILES == 10_000
    server = at()
    monkeypatch.setattr(server.sessions.get("default").files, "_most", 2)
    name = uploaded(server, b"")
    uploaded(server, b"")
    handled = upload(server, b"")
    assert failure(handled)[3] == {"error_code": "storage_quota_exceeded"}
    assert handled.exchange.reason.endswith("(a session knows 2 files, and no more; delete some, or reset the session)")
    with pytest.raises(FileError, match="a session knows 2 files"):
        added(Local(server, "default"), b"", "z.txt")
    get(server, f"/v1/files/{name}", method="DELETE")
    uploaded(server, b"")


def test_an_expired_file_makes_room(places):
    server = at(file_quota=5, **places)
    uploaded(server, life=3600)
    assert failure(upload(server))[0] == 400
    server.clock.advance(3600)
    uploaded(server)


def files_in(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_a_folder_holds_the_contents_by_session_and_id(tmp_path):
    server = at(files_folder=tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b").is_dir()
    names = ["default", "../../etc", "A", "a"]
    ids = {name: uploaded(server, name.encode(), path=f"/_s/{quote(name, safe='')}/v1/files") for name in names}
    folder = tmp_path / "a" / "b"
    assert files_in(folder) == sorted(f"{folder_of(name)}/{id_}" for name, id_ in ids.items())
    assert files_in(tmp_path) == [f"a/b/{path}" for path in files_in(folder)]
    assert (folder / folder_of("../../etc") / ids["../../etc"]).read_bytes() == b"../../etc"
    server.sessions.reset("default")
    server.sessions.drop("A")
    assert files_in(folder) == sorted(f"{folder_of(name)}/{ids[name]}" for name in ("../../etc", "a"))
    assert told(get(server))["data"] == []


def test_a_session_that_is_forgotten_for_others_takes_its_files_along(tmp_path):
    server = at(files_folder=tmp_path, max_sessions=2)
    for name in ("a", "b", "c"):
        server.close(upload(server, path=f"/_s/{name}/v1/files"), "whole")
    assert {path.split("/")[0] for path in files_in(tmp_path)} == {folder_of("b"), folder_of("c")}


def test_a_folder_that_cannot_be_written_is_told_at_the_start(tmp_path):
    (tmp_path / "file").write_text("x")
    for wrong in (tmp_path / "file", tmp_path / "file" / "folder"):
        with pytest.raises(
            SettingsError, match=r"files_folder = .*: files cannot be kept there: .*; name another folder"
        ):
            at(files_folder=wrong)


def test_a_content_that_is_gone_from_the_folder_is_a_failure_of_our_own(tmp_path):
    server = at(AT, {"reply": "Hi"}, files_folder=tmp_path)
    added(Local(server, "default"), b"Hello", "a.txt", id="file_a")
    (tmp_path / folder_of("default") / "file_a").unlink()
    for handled in (get(server, "/v1/files/file_a/content"), post(server, request(user([document("file_a")])))):
        status, kind, words, _ = failure(handled)
        assert (status, kind) == (500, "api_error")
        assert words.startswith("mockserver: the content of file_a cannot be read: ")
        assert handled.exchange.bug is None
    (tmp_path / folder_of("default")).rmdir()
    (tmp_path / folder_of("default")).write_text("in the way")
    status, _, words, _ = failure(upload(server))
    assert (status, words[:60]) == (500, "mockserver: the file cannot be kept in 'files_folder': [Errn")
    with pytest.raises(FileError, match="cannot be kept in 'files_folder'"):
        added(Local(server, "default"), b"", "a.txt")


# ------------------------------------------------------------------ sessions


def test_every_key_of_a_session_sees_its_files_and_no_other_session():
    server = at()
    name = uploaded(server)
    assert get(server, f"/v1/files/{name}", {"x-api-key": "another"}).reply.head.status == 200
    assert get(server, f"/_s/other/v1/files/{name}").reply.head.status == 404
    assert told(get(server, "/_s/other/v1/files"))["data"] == []
    server.sessions.reset("default")
    assert get(server, f"/v1/files/{name}").reply.head.status == 404


CHOSEN = ["file_1", "file_squares", "file_011CcqiMUo4dySuuE8zV9Gvp", "file_a-b_c"]
NOT_CHOSEN = ["", "squares", "file_", "file_a/b", "file_..", "file_a b", "file_ü", "file_" + "a" * 101, "file_a\n"]


def test_a_chosen_id_is_one_of_a_file():
    local = Local(at(), "default")
    for name in CHOSEN:
        assert added(local, b"", "a.txt", id=name)["id"] == name
    for name in NOT_CHOSEN:
        with pytest.raises(FileError, match="is no id of a file"):
            added(local, b"", "a.txt", id=name)
    with pytest.raises(FileError, match="the session has a file 'file_1' already"):
        added(local, b"", "a.txt", id="file_1")


def test_what_is_added_is_judged_as_an_upload_is():
    local = Local(at(), "default")
    assert added(local, b"\x89PNG", "", "image/png", downloadable=False)["filename"] == "unnamed.png"
    ids = [added(local, b"x", "out/a.txt")["id"] for _ in range(3)]
    assert sorted(set(ids)) == ids
    wrong = [
        ({"filename": "a?b"}, "forbidden character"),
        ({"mime_type": "csv"}, "not a valid MIME type"),
        ({"expires_in_seconds": 5}, "greater than or equal to 3600"),
    ]
    for given_, words in wrong:
        with pytest.raises(FileError, match=words):
            added(local, b"x", **{"filename": "a.txt", **given_})


# ------------------------------------------------------------------ in messages


def document(name, **more):
    return {"type": "document", "source": {"type": "file", "file_id": name}, **more}


def image(name):
    return {"type": "image", "source": {"type": "file", "file_id": name}}


def inline(kind, media_type, data, **more):
    source = {"type": "base64", "media_type": media_type, "data": base64.b64encode(data).decode()}
    return {"type": kind, "source": source, **more}


def plain(text, **more):
    return {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": text}, **more}


PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", 800, 600) + bytes(9)
PDF = b"%PDF-1.4\n" + b"<< /Type /Page >>\n" * 3 + b"stream\nBT (The quick brown fox.) Tj ET\nendstream\n%%EOF"
TEXT = "The quick brown fox jumps over the lazy dog. " * 200
CITED = {"citations": {"enabled": True}}
SAME = {
    "a text": ("text/plain", TEXT.encode(), document, plain(TEXT)),
    "an image": ("image/png", PNG, image, inline("image", "image/png", PNG)),
    "a PDF": ("application/pdf", PDF, document, inline("document", "application/pdf", PDF)),
}


def usage(server, *blocks, **more):
    handled = post(server, request(user([*blocks, {"type": "text", "text": "What is it?"}]), **more))
    assert handled.reply.head.status == 200, handled.reply.body
    return told(handled)["usage"]


@pytest.mark.parametrize(("kind", "content", "block", "same"), SAME.values(), ids=SAME)
def test_a_file_weighs_what_it_weighs_inline(kind, content, block, same):
    server = at(AT, {"reply": "Hi"})
    name = uploaded(server, content, "a", kind)
    inside = [user("a"), assistant([tool_use()]), user([tool_result([block(name)])])]
    beside = [user("a"), assistant([tool_use()]), user([tool_result([same])])]
    tools = {"tools": [{"name": "get_weather", "input_schema": {"type": "object"}}]}
    assert usage(server, block(name)) == usage(server, same)
    assert (
        told(post(server, request(*inside, **tools)))["usage"] == told(post(server, request(*beside, **tools)))["usage"]
    )
    other = usage(server, block("file_unknown"))
    assert other != usage(server, same), "what is not known weighs a usual amount"


@given(st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=200).filter(str.strip))
def test_any_text_weighs_what_it_weighs_inline(text):
    server = at(AT, {"reply": "Hi"})
    assert usage(server, document(uploaded(server, text.encode()))) == usage(server, plain(text))


def test_the_prompt_cache_sees_the_content():
    server = at(AT, {"reply": "Hi"})
    mark = {"cache_control": {"type": "ephemeral"}}
    first, again, other = (uploaded(server, text.encode()) for text in (TEXT, TEXT, TEXT + "!"))
    wrote = usage(server, document(first, **mark))
    assert wrote["cache_creation_input_tokens"] > 1024
    assert usage(server, document(first, **mark))["cache_read_input_tokens"] == wrote["cache_creation_input_tokens"]
    assert usage(server, document(again, **mark))["cache_read_input_tokens"] == wrote["cache_creation_input_tokens"]
    assert usage(server, plain(TEXT, **mark))["cache_read_input_tokens"] == wrote["cache_creation_input_tokens"]
    assert usage(server, document(other, **mark))["cache_read_input_tokens"] == 0


def test_a_prompt_that_is_too_long_by_its_files_is_refused():
    server = at(AT, {"reply": "Hi"})
    name = uploaded(server, b"word " * 300_000)
    handled = post(server, request(user([document(name)]), model="claude-haiku-4-5"))
    assert failure(handled)[2].startswith("prompt is too long: ")


def test_scenarios_and_the_journal_see_the_request_as_it_came():
    server = at(
        AT,
        {
            "match": {"body": {"messages[0].content[0].source.type": "file"}},
            "reply": "{{ request.messages[0].content[0].source.file_id }}",
        },
    )
    name = uploaded(server, b"Hello")
    handled = post(server, request(user([document(name)])))
    assert told(handled)["content"][0]["text"] == name
    assert handled.exchange.body["messages"][0]["content"] == [document(name)]


def test_citations_are_of_the_content_and_name_the_file():
    server = at(AT, {"reply": [{"text": {"text": "It is fun.", "citations": "auto"}}]})
    text = uploaded(server, b"Ruby is a language. It is fun.")
    (cited,) = told(post(server, request(user([document(text, **CITED)]))))["content"][0]["citations"]
    assert (cited["type"], cited["cited_text"], cited["file_id"]) == ("char_location", "It is fun.", text)
    pdf = uploaded(
        server, b"%PDF-1.7\n<</Type /Page>>\nstream\nBT (It is fun.) Tj ET\nendstream\n", "a.pdf", "application/pdf"
    )
    (cited,) = told(post(server, request(user([document(pdf, **CITED)]))))["content"][0]["citations"]
    assert (cited["type"], cited["cited_text"], cited["file_id"]) == ("page_location", "It is fun.\n", pdf)


def test_strict_objects_are_those_that_are_there():
    server = at(AT, {"reply": "Hi"}, objects="strict")
    name = uploaded(server)
    asked = request(user([document(name)]))
    assert post(server, asked).reply.head.status == 200
    get(server, f"/v1/files/{name}", method="DELETE")
    assert failure(post(server, asked)) == (404, "not_found_error", f"File not found: {name}", None)
    for any_ in ({"objects": "any"}, {"validation": "lenient"}):
        server.sessions.get("default").configure(any_)
        assert post(server, asked).reply.head.status == 200
        server.sessions.get("default").configure({"objects": "strict"})


@pytest.mark.parametrize("objects", ["any", "strict"])
def test_a_file_of_another_type_than_its_block_takes_is_refused(objects):
    server = at(AT, {"reply": "Hi"}, objects=objects)
    csv, pdf = uploaded(server, b"1,2", "a.csv", "text/csv"), uploaded(server, PDF, "a.pdf", "application/pdf")
    words = "Unsupported document file format: text/csv. Only PDF and plaintext documents are supported."
    handled = post(server, request(user([document(csv)])))
    assert failure(handled) == (400, "invalid_request_error", words, None)
    assert handled.exchange.reason.endswith("[objects.fitting_files]")
    assert failure(post(server, request(user([image(pdf)]))))[0] == 400
    code = [{"type": "code_execution_20250825", "name": "code_execution"}]
    asked = request(user([{"type": "container_upload", "file_id": csv}, {"type": "text", "text": "a"}]), tools=code)
    assert post(server, asked).reply.head.status == 200


def test_a_file_that_could_not_stand_in_a_request_weighs_a_usual_amount(monkeypatch):
    server = at(AT, {"reply": "Hi"})
    name, unknown = uploaded(server, TEXT.encode()), usage(server, document("file_unknown"))
    assert usage(server, document(name)) != unknown
    monkeypatch.setattr("mockserver.engine.contents.MOST_BYTES", 100)
    assert usage(server, document(name)) == unknown


def test_an_explanation_knows_the_files_and_leaves_them(tmp_path):
    server = at(AT, {"reply": "Hi"}, objects="strict", files_folder=tmp_path)
    name = uploaded(server, TEXT.encode())
    world = server.sessions.get("default")

    def ask(method, path, body=b""):
        return explain(world, Incoming(method, path, HEADERS, body))

    found = ask("POST", "/v1/messages", json.dumps(request(user([document(name)]))).encode())
    assert (found.status, found.answered) == (200, True)
    assert found.message["usage"] == told(post(server, request(user([document(name)]))))["usage"]
    assert ask("DELETE", f"/v1/files/{name}").body == {"id": name, "type": "file_deleted"}
    assert ask("GET", "/v1/files").stages["validation"] == "the files of this session"
    missing = ask("GET", "/v1/files/file_x")
    assert missing.stages["validation"] == "strict: refused: 404 not_found_error: File `file_x` not found."
    assert told(get(server, f"/v1/files/{name}"))["id"] == name
    assert len(files_in(tmp_path)) == 1


def test_files_are_none_of_the_scenarios_business():
    server = engine({"match": {}, "error": "overloaded"})
    assert upload(server).reply.head.status == 200
    assert get(server).exchange.scenario is None
