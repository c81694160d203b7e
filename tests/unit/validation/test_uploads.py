"""Uploads: what becomes of names, types and lives, and what is said of bodies that are none."""

import contextlib

import pytest
from helpers import multipart
from hypothesis import assume, given
from hypothesis import strategies as st

from mockserver.validation.incoming import Incoming
from mockserver.validation.transport import MAX_FILE
from mockserver.validation.uploads import MOST_PARTS, Upload, read_upload
from mockserver.wire.errors import ApiError
from mockserver.wire.files import TYPES

TYPE = "multipart/form-data; boundary=b0undary"
BETA = {"anthropic-beta": "files-api-2025-04-14"}
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1"


def read(body, content_type=TYPE, headers=None):
    return read_upload(Incoming("POST", "/v1/files", {"content-type": content_type, **(headers or {})}, body))


def file(filename="a.txt", content=b"x", kind="text/plain"):
    return (f'; name="file"; filename="{filename}"', content, kind)


def life(value):
    return ('; name="expires_in_seconds"', value, "")


def test_a_file_and_its_life():
    found = read(multipart(file("a.csv", b"1,2\r\n--b0undar\r\n", "text/csv"), life(b"3600")))
    assert (found.filename, found.mime_type, bytes(found.content)) == ("a.csv", "text/csv", b"1,2\r\n--b0undar\r\n")
    assert (found.lifetime, found.unread) == (3600, ())


NAMES = [
    ('; name="file"; filename="a.txt"', "a.txt"),
    ('; name="file"; filename="folder/inner/a.txt"', "a.txt"),
    ('; name="file"; filename="C:\\docs\\a.txt"', "a.txt"),
    ('; name="file"; filename="/"', "unnamed.txt"),
    ('; name="file"; filename=""', "unnamed.txt"),
    ('; name="file"', "unnamed.txt"),
    ("; name=file; filename=a", "a"),
    ('; name="file"; filename="ü ;=.txt"', "ü ;=.txt"),
    ("; name=\"file\"; filename*=utf-8''b.txt", "unnamed.txt"),
    ('; name="file"; filename=".."', ".."),
    ('; name="file"; filename="' + "ä" * 255 + '"', "ä" * 255),
]


@pytest.mark.parametrize(("disposition", "name"), NAMES)
def test_the_last_part_of_a_name_is_kept_and_none_becomes_unnamed(disposition, name):
    assert read(multipart((disposition, b"x", "text/plain"))).filename == name


DETECTED = [
    ("a.png", b"%PDF-1.7 x", "application/pdf"),
    ("a.pdf", PNG, "image/png"),
    ("a.csv", b"1,2", "text/csv"),
    ("A.CSV", b"1,2", "text/csv"),
    ("notes", b"Hello", "text/plain"),
    ("notes", "Grüße".encode(), "text/plain"),
    ("notes", b"a\0b", "application/octet-stream"),
    ("notes", b"\xff\xfe", "application/octet-stream"),
    ("notes", b"", "application/octet-stream"),
    ("notes", b"a" + "ü".encode() * 40_000, "text/plain"),
    ("notes", "ü".encode()[:1], "application/octet-stream"),
    ("notes", b"junk %PDF-1.7", "text/plain"),
]


@pytest.mark.parametrize(("name", "content", "kind"), DETECTED)
def test_a_type_that_is_left_out_is_detected(name, content, kind):
    assert read(multipart(file(name, content, ""))).mime_type == kind


def test_with_the_beta_header_a_type_must_be_there():
    with pytest.raises(ApiError) as told:
        read(multipart(file(kind="")), headers=BETA)
    assert told.value.message == "file: Content-Type is required"
    assert read(multipart(file()), headers=BETA).mime_type == "text/plain"


@pytest.mark.parametrize(
    ("given", "kept"),
    [("Text/CSV", "text/csv"), ("text/plain; charset=utf-8", "text/plain"), ("a/b+c.d-e", "a/b+c.d-e")],
)
def test_a_type_is_kept_without_its_parameters(given, kept):
    assert read(multipart(file(kind=given))).mime_type == kept


@pytest.mark.parametrize("extension", sorted(set(TYPES) - {".jpeg"}))
def test_an_unnamed_file_has_the_extension_of_its_type(extension):
    assert read(multipart(('; name="file"', b"x", TYPES[extension]))).filename == f"unnamed{extension}"
    assert read(multipart(('; name="file"', b"x", "x/unknown"))).filename == "unnamed"


ONE = multipart(file())
BROKEN = "There was an error parsing the multipart body: "
LIFE = "expires_in_seconds: Input should be "
WRONG = {
    "no multipart type": (ONE, "application/json", "Content-Type: Input should be 'multipart/form-data'"),
    "no type at all": (ONE, "", "Content-Type: Input should be 'multipart/form-data'"),
    "no boundary": (ONE, "multipart/form-data", "Content-Type: Missing boundary in multipart"),
    "an empty boundary": (ONE, "multipart/form-data; boundary=", "Content-Type: Missing boundary in multipart"),
    "a long boundary": (ONE, f"multipart/form-data; boundary={'b' * 300}", BROKEN + "Boundary length 300 exceeds"),
    "another boundary": (ONE, "multipart/form-data; boundary=other", BROKEN + "Expected boundary character"),
    "nothing": (b"", TYPE, BROKEN + "it ends before its closing boundary"),
    "JSON": (b'{"file": "x"}', TYPE, BROKEN + "Expected boundary character"),
    "no end": (ONE[:-14], TYPE, BROKEN + "it ends before its closing boundary"),
    "line feeds alone": (ONE.replace(b"\r\n", b"\n"), TYPE, BROKEN + "Did not find CR at end of boundary"),
    "a header that is none": (ONE.replace(b"Content-Type:", b"Content Type:"), TYPE, BROKEN + "Found invalid character"),
    "an endless header": (multipart(file("a" * 9999)), TYPE, BROKEN + "Maximum header size exceeded"),
    "a part without a name": (multipart(("", b"x", "")), TYPE, BROKEN + "a part has no `Content-Disposition` with a name"),
    "a part without headers": (
        b"--b0undary\r\n\r\nx\r\n--b0undary--\r\n",
        TYPE,
        BROKEN + "a part has no `Content-Disposition` with a name",
    ),
    "no parts": (b"--b0undary--\r\n", TYPE, "file: Field required"),
    "no file": (multipart(life(b"3600")), TYPE, "file: Field required"),
    "two files": (multipart(file(), file("b.txt")), TYPE, "file: Only one file may be uploaded per request, not 2"),
    "many parts": (multipart(*[file()] * (MOST_PARTS + 1)), TYPE, "The multipart body has more than 100 parts"),
    "a type that is none": (multipart(file(kind="csv")), TYPE, "file: 'csv' is not a valid MIME type"),
    "a long name": (multipart(file("a" * 256)), TYPE, "file: Filename should have at most 255 characters, not 256"),
    **{
        f"a name with {char!r}": (
            multipart(file(f"a{char}b")),
            TYPE,
            f"file: Filename contains a forbidden character: {char!r}",
        )
        for char in "<>:|?*\x01\x1f"
    },
    "a name with a backslash": (
        multipart(file("a\\\\b")), TYPE, "file: Filename contains a forbidden character: '\\\\'",
    ),
    "a name with a quote": (multipart(file('a\\"b')), TYPE, "file: Filename contains a forbidden character: '\"'"),
    "a short life": (multipart(file(), life(b"3599")), TYPE, LIFE + "greater than or equal to 3600"),
    "a long life": (multipart(file(), life(b"7776001")), TYPE, LIFE + "less than or equal to 7776000"),
    "half a second": (multipart(file(), life(b"3600.5")), TYPE, LIFE + "a valid integer, unable to parse string"),
    "an empty life": (multipart(file(), life(b"")), TYPE, LIFE + "a valid integer, unable to parse string"),
    "a life of words": (multipart(file(), life(b"\xff")), TYPE, LIFE + "a valid integer, unable to parse string"),
}  # fmt: skip


@pytest.mark.parametrize(("body", "kind", "words"), WRONG.values(), ids=WRONG)
def test_what_is_no_upload_is_refused_in_words(body, kind, words):
    with pytest.raises(ApiError) as told:
        read(body, kind)
    assert (told.value.status, told.value.kind) == (400, "invalid_request_error")
    assert told.value.message.startswith(words)


FINE = {
    "blank lines in front": b"\r\n\r\n" + ONE,
    "something behind": ONE + b"an epilogue",
    "no line break at the end": ONE[:-2],
    "an unknown part": multipart(file(), ('; name="purpose"', b"assistants", "")),
    "two lives": multipart(file(), life(b"1"), life(b" 3600 ")),
    "a hundred parts": multipart(file(), *[life(b"3600")] * (MOST_PARTS - 1)),
}


@pytest.mark.parametrize("body", FINE.values(), ids=FINE)
def test_what_is_unusual_and_right_is_taken(body):
    found = read(body)
    assert (found.filename, bytes(found.content)) == ("a.txt", b"x")


def test_what_is_not_read_is_told():
    found = read(FINE["an unknown part"])
    assert found.told == "file 'a.txt', text/plain, 1 bytes; not read: 'purpose'"


def test_a_file_beyond_500_mb_is_too_large(monkeypatch):
    monkeypatch.setattr("mockserver.validation.uploads.MAX_FILE", 10)
    assert MAX_FILE == 500 * 1024 * 1024
    assert len(read(multipart(file(content=b"x" * 10))).content) == 10
    with pytest.raises(ApiError) as told:
        read(multipart(file(content=b"x" * 11)))
    assert (told.value.status, told.value.kind) == (413, "request_too_large")


def test_a_file_is_not_copied():
    body = multipart(file(content=b"x" * 100_000))
    assert read(body).content.obj is body


names = st.text(
    st.characters(exclude_characters='<>:"|?*\\/', exclude_categories=("Cs", "Cc")), min_size=1, max_size=255
)
kinds = st.from_regex(r"[a-z0-9.+-]{1,20}/[a-z0-9.+-]{1,20}", fullmatch=True)


@given(names, kinds, st.binary(max_size=300), st.integers(3600, 7_776_000) | st.none())
def test_whatever_is_sent_comes_back(name, kind, content, seconds):
    assume(b"\r\n--b0undary" not in b"\r\n" + content)
    parts = [file(name, content, kind), *([] if seconds is None else [life(str(seconds).encode())])]
    found = read(multipart(*parts))
    assert found == Upload(name, kind, found.content, seconds)
    assert bytes(found.content) == content


@given(st.binary(max_size=200), st.integers(0, 200), st.integers(0, 200))
def test_a_body_that_is_cut_or_filled_is_an_upload_or_refused(junk, at, until):
    with contextlib.suppress(ApiError):
        assert isinstance(read(ONE[:at] + junk + ONE[until:]), Upload)
