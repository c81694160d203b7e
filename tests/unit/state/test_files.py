"""The book of a session's files: what is kept, for how long, how much, and where."""

from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.state.files import Files, FullError, folder_of
from mockserver.wire.files import File

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def file(name="file_1", size=3, expires=None):
    return File(name, "a.txt", "text/plain", size, NOW, expires)


@pytest.fixture(params=["memory", "folder"])
def folder(request, tmp_path):
    return None if request.param == "memory" else tmp_path / "files" / "session"


def kept(folder):
    return sorted(path.name for path in folder.iterdir()) if folder and folder.exists() else []


def test_what_is_added_is_found_and_read(folder):
    book = Files(folder=folder)
    book.add(file(), memoryview(b"abc"))
    book.add(file("file_2"), b"def")
    assert [(place, one.id) for place, one in book.newest_first()] == [(1, "file_2"), (0, "file_1")]
    assert [book.content(book.find(name)) for name in ("file_1", "file_2")] == [b"abc", b"def"]
    assert book.find("file_3") is None
    assert kept(folder) == ([] if folder is None else ["file_1", "file_2"])


def test_what_is_dropped_is_gone_and_its_place_stays_taken(folder):
    book = Files(folder=folder)
    book.add(file(), b"abc")
    book.drop("file_1")
    book.drop("file_1")
    assert (book.find("file_1"), book.newest_first(), kept(folder)) == (None, [], [])
    book.add(file("file_2"), b"abc")
    assert [place for place, _ in book.newest_first()] == [1]


def test_the_quota_counts_what_is_there(folder):
    book = Files(5, folder)
    book.add(file(), b"abc")
    with pytest.raises(FullError, match="3 bytes do not fit: 3 of 5 are used; the setting 'file_quota'"):
        book.add(file("file_2"), b"abc")
    assert (book.find("file_2"), book.used, kept(folder)) == (None, 3, [] if folder is None else ["file_1"])
    book.add(file("file_3", 2), b"ab")
    book.drop("file_1")
    book.add(file("file_4"), b"abc")
    assert book.used == 5
    book.quota = 100
    book.add(file("file_5", 90), b"x" * 90)
    assert book.used == 95


def test_an_expired_content_is_gone_at_that_moment_and_its_file_thirty_days_later(folder):
    expires = NOW + timedelta(hours=1)
    book = Files(3, folder)
    book.add(file(expires=expires), b"abc")
    book.forget_expired(expires - timedelta(microseconds=1))
    assert book.content(book.find("file_1")) == b"abc"
    book.forget_expired(expires)
    assert (book.content(book.find("file_1")), book.used, kept(folder)) == (None, 0, [])
    book.add(file("file_2"), b"abc")
    book.forget_expired(expires + timedelta(days=30) - timedelta(microseconds=1))
    assert book.find("file_1") is not None
    book.forget_expired(expires + timedelta(days=30))
    assert (book.find("file_1"), book.content(book.find("file_2"))) == (None, b"abc")


def test_a_session_knows_so_many_files_whatever_their_size(folder):
    """Those whose content has expired count until they are forgotten."""
    book = Files(folder=folder, most=2)
    book.add(file(size=0, expires=NOW + timedelta(hours=1)), b"")
    book.add(file("file_2", 0), b"")
    with pytest.raises(FullError, match="a session knows 2 files, and no more; delete some, or reset the session"):
        book.add(file("file_3", 0), b"")
    book.forget_expired(NOW + timedelta(hours=1))
    with pytest.raises(FullError, match="a session knows 2 files"):
        book.copy().add(file("file_3", 0), b"")
    book.forget_expired(NOW + timedelta(hours=1, days=30))
    book.add(file("file_3", 0), b"")
    book.drop("file_2")
    book.add(file("file_4", 0), b"")
    assert [one.id for _, one in book.newest_first()] == ["file_4", "file_3"]


class Untouched(dict):
    """A dictionary that nobody may look through."""

    def values(self):
        raise AssertionError("all files were looked at")


def test_nothing_is_looked_through_before_a_file_is_due():
    """Neither to forget what has expired nor to add up what is used: each request asks for both."""
    book = Files()
    for number in range(3):
        book.add(file(f"file_{number}", expires=NOW + timedelta(hours=1 + number)), b"abc")
    book._placed, placed = Untouched(book._placed), book._placed
    book.forget_expired(NOW + timedelta(minutes=59))
    book.add(file("file_3"), b"abc")
    assert book.used == 12
    with pytest.raises(AssertionError, match="all files"):
        book.forget_expired(NOW + timedelta(hours=1))
    assert placed.keys() < book._placed.keys()


@given(st.lists(st.tuples(st.sampled_from(["add", "drop", "wait"]), st.integers(0, 40)), max_size=40))
def test_what_is_kept_follows_from_what_was_done(steps):
    """At any time: contents until they expire, files for thirty days more, and the bytes of all contents."""
    book, now, model = Files(10**6), NOW, {}
    for number, (step, amount) in enumerate(steps):
        if step == "add":
            one = file(f"file_{number}", amount, now + timedelta(days=amount) if amount % 3 else None)
            book.add(one, bytes(amount))
            model[one.id] = one
        elif step == "drop":
            name = f"file_{amount}"
            book.drop(name)
            model.pop(name, None)
        else:
            now += timedelta(days=amount)
        book.forget_expired(now)
        model = {name: one for name, one in model.items() if not one.is_forgotten(now)}
        assert [one.id for _, one in book.newest_first()] == list(reversed(model))
        readable = {name for name, one in model.items() if not one.has_expired(now)}
        assert {name for name in model if book.content(model[name]) is not None} == readable
        assert book.used == sum(model[name].size for name in readable)


def test_clearing_takes_away_what_it_put_there_and_nothing_else(tmp_path):
    inner = tmp_path / "session"
    book = Files(folder=inner)
    book.add(file(), b"abc")
    (inner / "mine.txt").write_text("mine")
    book.clear()
    assert kept(inner) == ["mine.txt"]
    book.add(file(), b"late")
    assert (kept(inner), book.content(book.find("file_1"))) == (["mine.txt"], b"late")

    other = Files(folder=tmp_path / "other")
    other.clear()
    other = Files(folder=tmp_path / "other")
    other.add(file(), b"abc")
    other.clear()
    assert kept(tmp_path) == ["session"]


def test_a_copy_changes_nothing(folder):
    book = Files(5, folder)
    book.add(file(expires=NOW + timedelta(hours=1)), b"abc")
    copy = book.copy()
    assert copy.content(copy.find("file_1")) == b"abc"
    copy.add(file("file_2", 2), b"de")
    copy.drop("file_1")
    assert [one.id for _, one in copy.newest_first()] == ["file_2"]
    another = book.copy()
    another.forget_expired(NOW + timedelta(hours=1))
    another.clear()
    assert (book.content(book.find("file_1")), book.used) == (b"abc", 3)
    assert kept(folder) == ([] if folder is None else ["file_1"])


def test_a_content_that_somebody_took_away_is_an_error(tmp_path):
    book = Files(folder=tmp_path)
    book.add(file(), b"abc")
    (tmp_path / "file_1").unlink()
    with pytest.raises(FileNotFoundError):
        book.content(book.find("file_1"))
    book.drop("file_1")
    assert book.find("file_1") is None


def test_a_folder_that_takes_nothing_keeps_nothing(tmp_path):
    (tmp_path / "session").write_text("a file, and no folder")
    book = Files(folder=tmp_path / "session")
    with pytest.raises(OSError, match="session"):
        book.add(file(), b"abc")
    assert (book.newest_first(), book.used) == ([], 0)


def test_a_content_that_is_written_in_part_is_taken_away_again(tmp_path, monkeypatch):
    def full(path, _data):
        Path.write_text(path, "ab")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    book = Files(folder=tmp_path)
    with pytest.raises(OSError, match="No space left"):
        book.add(file(), b"abc")
    assert (kept(tmp_path), book.newest_first()) == ([], [])


ODD = ["", ".", "..", "../..", "/", "a/b", "A", "a", "a/..", "\0", "CON", "ü" * 300, "default", "a" * 41, "a" * 42]


@given(st.sampled_from(ODD) | st.text(), st.sampled_from(ODD) | st.text())
def test_no_session_leaves_the_folder_and_no_two_share_one(one, other):
    path = PurePosixPath(folder_of(one))
    assert (len(path.parts), path.name in (".", ".."), path.is_absolute()) == (1, False, False)
    assert len(path.name) <= 60
    assert path.name.isascii()
    assert path.name == path.name.lower(), "where upper and lower case are one, it is still one folder"
    assert (folder_of(one) == folder_of(other)) == (one == other)


def test_a_session_s_folder_is_readable():
    assert folder_of("default").startswith("default-")
    assert folder_of("My test/1").startswith("my-test-1-")
