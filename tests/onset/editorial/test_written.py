"""A write that must not destroy anything: disks that fill up, files of other people, a memory that cannot be kept."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from onset.editorial import written
from onset.editorial.written import Memory, make_folder, write_export
from onset.errors import ExportError


@pytest.fixture
def memory(tmp_path: Path) -> Memory:
    return Memory({"XDG_STATE_HOME": str(tmp_path / "state")})


def test_disk_that_fills_up_leaves_the_old_file(
    tmp_path: Path, memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "A.ale"
    write_export(path, b"old", memory)

    def full(_fd: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(memory, "keep", lambda _content: monkeypatch.setattr("onset.mhl.durable.os.fsync", full))
    with pytest.raises(ExportError, match=r"A\.ale could not be written: No space left on device\.$"):
        write_export(path, b"new", memory)
    assert path.read_bytes() == b"old"
    assert [each.name for each in tmp_path.iterdir() if each.name != "state"] == ["A.ale"]


def test_what_is_written_is_remembered_before_it_is_there(
    tmp_path: Path, memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A program that is killed between the two must not leave a file that it can never replace."""

    class KilledError(BaseException):
        pass

    def killed(*_: object) -> None:
        raise KilledError

    path = tmp_path / "A.ale"
    monkeypatch.setattr(written, "replacing", killed)
    with pytest.raises(KilledError):
        write_export(path, b"new", memory)
    path.write_bytes(b"new")  # as if the rename had come through
    monkeypatch.undo()
    write_export(path, b"newer", memory)
    assert path.read_bytes() == b"newer"


def test_same_content_of_somebody_else_is_no_conflict(tmp_path: Path, memory: Memory) -> None:
    path = tmp_path / "A.ale"
    path.write_bytes(b"same")
    write_export(path, b"same", memory)
    path.write_bytes(b"")
    with pytest.raises(ExportError, match="is not as onset wrote it here"):
        write_export(path, b"same", memory)


def test_memory_that_cannot_be_kept_is_told_and_nothing_is_written(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file in the folder's place")
    with pytest.raises(
        ExportError, match=r"^What is exported is remembered in \S+, which cannot be written: Not a dir"
    ):
        write_export(tmp_path / "A.ale", b"new", Memory({"XDG_STATE_HOME": str(tmp_path / "state")}))
    assert not (tmp_path / "A.ale").exists()


def test_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ExportError, match=r"^The folder \S+/file/x could not be made: Not a directory\.$"):
        make_folder(tmp_path / "file" / "x")
