"""PDFs: whether they are one, their pages, their password, their text."""

import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.wire.pdfs import Pdf, read, text

HEAD = b"%PDF-1.7\n"
PAGE = b"<</Type /Page /Parent 1 0 R>>\n"


def packed(content, end=b"\n"):
    """A compressed object stream."""
    return b"9 0 obj <</Type /ObjStm /Filter /FlateDecode>>\nstream" + end + zlib.compress(content) + b"\nendstream\n"


def broken(data: bytes) -> bytes:
    """Return an object stream whose checksum is wrong."""
    return packed(data).replace(zlib.adler32(data).to_bytes(4, "big"), b"oops")


PDFS = {
    "one page": (HEAD + PAGE, Pdf(1, False)),
    "no page that could be found": (HEAD, Pdf(1, False)),
    "three pages, as they may be written": (
        HEAD + PAGE + b"<</Type/Page>>" + b"<</Type\n  /Page/Parent 1 0 R>>",
        Pdf(3, False),
    ),
    "names that only begin so": (HEAD + b"<</Type /Pages>> <</Type /PageLabel>>" + PAGE * 2, Pdf(2, False)),
    "compressed pages": (HEAD + packed(PAGE * 7), Pdf(7, False)),
    "compressed pages, lines ending in both characters": (HEAD + packed(PAGE * 7, b"\r\n"), Pdf(7, False)),
    "several streams and a plain page": (HEAD + packed(PAGE * 2) + PAGE + packed(PAGE * 3), Pdf(6, False)),
    "a broken stream": (HEAD + PAGE * 2 + packed(PAGE * 7).replace(b"stream\n", b"stream\n!", 1), Pdf(2, False)),
    "a stream that ends early": (HEAD + packed(PAGE * 7)[:-12], Pdf(7, False)),
    "a stream beyond the limit": (HEAD + packed(PAGE * 2 + b" " * 9_000_000 + PAGE), Pdf(2, False)),
    "streams beyond the limit": (HEAD + packed(PAGE * 2 + b" " * 9_000_000) + packed(PAGE), Pdf(2, False)),
    "a broken stream, which costs what it may hold": (HEAD + broken(b" " * 60_000) + packed(PAGE * 7), Pdf(1, False)),
    "object streams that never begin": (HEAD + PAGE * 2 + b"/Type /ObjStm " * 200_000, Pdf(2, False)),
    "a password": (HEAD + PAGE + b"trailer <</Encrypt 5 0 R>>", Pdf(1, True)),
    "something before its head": (b"\n" * 1000 + HEAD + PAGE, Pdf(1, False)),
}


@pytest.mark.parametrize(("data", "expected"), PDFS.values(), ids=PDFS)
def test_a_pdf_says_its_pages_and_whether_it_wants_a_password(data, expected):
    assert read(data) == expected


@pytest.mark.parametrize("data", [b"", b"text", b"%PDF", b"%PDF-", b"%PDF-x", b"\n" * 1024 + HEAD, b"%pdf-1.7"])
def test_other_bytes_are_none(data):
    assert read(data) is None


@given(st.binary(max_size=200), st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(before, after):
    assert read(before + after) is None or HEAD[:5] in before + after
    assert read(HEAD + before + packed(after) + after).pages >= 1


SHOWN = b"q BT /F1 12 Tf 72 712 Td (Hello, ) Tj [(wor) -20 (ld)] TJ T* (a \\(b\\)) Tj ET Q"


@pytest.mark.parametrize(
    ("stream", "words"),
    [
        (SHOWN, ["Hello,", "world", "a \\(b\\)"]),
        (zlib.compress(SHOWN), ["Hello,", "world", "a \\(b\\)"]),
        (zlib.compress(b"BT (no end) Tj"), ["no end"]),
        (zlib.compress(b"BT (no (inner) end Tj (BUDGET) Tj () Tj ET (behind) Tj"), ["inner", "BUDGET"]),
        (zlib.compress(b"\0\1 BT (an image) Tj ET"), []),
        (zlib.compress(b"no text at all"), []),
        (b"BT (" + b"\\(" * 400_000 + b"( (at last) Tj ET", ["at last"]),
        (b"BT (hi) Tj ET " + b"BT ET " * 400_000, ["hi"]),
    ],
)
def test_a_simple_pdf_says_its_text(stream, words):
    data = HEAD + PAGE + b"<< >>\nstream\n" + stream + b"\nendstream\n"
    assert [line.strip() for line in text(data).split("\n") if line.strip()] == words
    assert text(data.replace(b"\nendstream\n", b"")) == text(data)


def test_the_text_of_a_pdf_is_read_up_to_a_limit():
    large = b"stream\n" + zlib.compress(b"x" * 9_000_000) + b"\nendstream\n"
    small = b"stream\n" + SHOWN + b"\nendstream\n"
    assert text(HEAD + large + small) == ""
    assert text(HEAD + small + large) != ""


@given(st.binary(max_size=300))
def test_any_bytes_have_some_text(data):
    assert isinstance(text(HEAD + b"stream\nBT " + data + b" ET\nendstream"), str)
