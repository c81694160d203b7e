"""The scenarios of a running server: order, code beside files, reading again."""

import os
import threading
from pathlib import Path

import pytest

from mockserver.scenario.library import Library
from mockserver.scenario.problems import ScenarioError


def names(library):
    return [script.name for script in library.scripts]


def edit(path, text):
    """Write a file as an editor does, and make sure that its time differs."""
    before = path.stat().st_mtime_ns if path.exists() else 0
    path.write_text(text)
    os.utime(path, ns=(before + 1_000_000, before + 1_000_000))


def test_priority_then_number_of_keys_then_name():
    library = Library()
    for name, more in {
        "b": {"match": {"user": "x"}},
        "a": {"match": {"user": "y"}},
        "most keys": {"match": {"user": "x", "turn": 0}},
        "urgent": {"priority": 5},
        "everything": {},
        "late": {"priority": -1, "match": {"user": "x", "turn": 1}},
    }.items():
        library.add({"name": name, "reply": "r", **more})
    assert names(library) == ["urgent", "most keys", "a", "b", "everything", "late"]


def test_code_is_asked_before_files_at_equal_rank(tmp_path):
    (tmp_path / "a.yaml").write_text("match: {user: x}\nreply: file")
    library = Library([tmp_path])
    library.add({"name": "z", "match": {"user": "y"}, "reply": "code"})
    assert names(library) == ["z", "a"]


def test_an_equal_match_in_code_names_then():
    library = Library()
    library.add({"match": {"user": "x"}, "reply": "a"})
    with pytest.raises(ScenarioError, match=r"in code .then\(…\) on the first"):
        library.add({"match": {"user": "x"}, "reply": "b"})
    library.add({"match": {"user": "x"}, "priority": 1, "reply": "c"})


def test_a_name_is_given_once(tmp_path):
    (tmp_path / "a.yaml").write_text("reply: file")
    with pytest.raises(ScenarioError, match="the name 'a' is taken"):
        Library([tmp_path]).add({"name": "a", "match": {"user": "x"}, "reply": "b"})


def test_a_broken_file_is_told_at_the_start(tmp_path):
    (tmp_path / "a.yaml").write_text("repyl: x")
    with pytest.raises(ScenarioError, match="did you mean 'reply'"):
        Library([tmp_path])


def test_an_edited_file_is_read_again(tmp_path, caplog):
    caplog.set_level("INFO", "mockserver")
    file = tmp_path / "a.yaml"
    file.write_text("reply: one")
    library = Library([tmp_path])
    before = library.scripts
    library.refresh()
    assert library.scripts is before

    edit(file, "reply: two")
    library.refresh()
    assert library.scripts[0].steps[0].spec.reply == "two"
    assert "reloaded 1 scenario" in caplog.text


def test_new_and_removed_files_are_seen(tmp_path):
    (tmp_path / "a.yaml").write_text("reply: a")
    library = Library([tmp_path])
    (tmp_path / "b.yaml").write_text("match: {user: b}\nreply: b")
    library.refresh()
    assert names(library) == ["b", "a"]
    (tmp_path / "a.yaml").unlink()
    library.refresh()
    assert names(library) == ["b"]


def test_a_broken_edit_keeps_the_old_version_and_says_why_once(tmp_path, caplog):
    file = tmp_path / "a.yaml"
    file.write_text("reply: one")
    library = Library([tmp_path])
    edit(file, "repyl: two")
    library.refresh()
    library.refresh()
    assert library.scripts[0].steps[0].spec.reply == "one"
    assert [r.message for r in caplog.records] == [
        f"not reloaded, the old scenarios stay: {file}:1:1: repyl: unknown key 'repyl'; did you mean 'reply'?"
    ]
    edit(file, "reply: three")
    library.refresh()
    assert library.scripts[0].steps[0].spec.reply == "three"


def test_a_file_that_cannot_be_read_is_told(tmp_path, monkeypatch):
    file = tmp_path / "a.yaml"
    file.write_text("reply: a")

    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_text", refuse)
    with pytest.raises(ScenarioError, match=r"a.yaml: Permission denied"):
        Library([tmp_path])


def test_a_file_that_is_emptied_before_it_is_written_is_no_error(tmp_path, caplog):
    file = tmp_path / "a.yaml"
    file.write_text("reply: one")
    library = Library([tmp_path])
    file.write_text("")
    library.refresh()
    file.write_text("reply: two")
    library.refresh()
    assert library.scripts[0].steps[0].spec.reply == "two"
    assert "not reloaded" not in caplog.text


def test_a_second_edit_within_one_step_of_the_file_system_s_time_is_seen(tmp_path):
    file = tmp_path / "a.yaml"
    file.write_text("reply: one")
    library = Library([tmp_path])
    status = file.stat()
    for text in ("two", "six"):
        file.write_text(f"reply: {text}")
        os.utime(file, ns=(status.st_mtime_ns, status.st_mtime_ns))
        library.refresh()
        assert library.scripts[0].steps[0].spec.reply == text


def test_whatever_a_file_does_a_running_server_goes_on(tmp_path, monkeypatch, caplog):
    file = tmp_path / "a.yaml"
    file.write_text("reply: one")
    library = Library([tmp_path])

    def fail(_):
        raise MemoryError("too much")

    monkeypatch.setattr("mockserver.scenario.loading.load", fail)
    edit(file, "reply: two")
    library.refresh()
    assert library.scripts[0].steps[0].spec.reply == "one"
    assert "not reloaded, the old scenarios stay: the files cannot be read: MemoryError: too much" in caplog.text


def test_threads_may_add_at_once():
    library = Library()

    def add(n):
        for i in range(20):
            library.add({"match": {"user": f"{n}-{i}"}, "reply": "a"})

    threads = [threading.Thread(target=add, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(library.scripts) == len(set(names(library))) == 120


def test_code_survives_a_reload(tmp_path):
    file = tmp_path / "a.yaml"
    file.write_text("reply: one")
    library = Library([tmp_path])
    library.add({"name": "mine", "match": {"user": "x"}, "reply": "code"})
    edit(file, "reply: two")
    library.refresh()
    assert names(library) == ["mine", "a"]
