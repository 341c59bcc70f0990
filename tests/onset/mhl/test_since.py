"""What a copy's history has got since the copy was made: overlooked in a nested one, or called right too early."""

from __future__ import annotations

from pathlib import Path

import pytest

from onset.clock import ManualClock
from onset.mhl.check import verify_history
from onset.mhl.create import Order, create
from onset.mhl.since import NOTHING, Since, found_since
from tests.onset.mhl.samples import read_plainly

_NS = 1_000_000_000
_MADE = 1_780_056_000 * _NS


class Copy:
    """A copy with files, and a sound folder that had a history before it was made."""

    def __init__(self, top: Path) -> None:
        self.top, self.clock = top, ManualClock(wall_ns=_MADE)
        for name in ("a.mov", "Sound/b.wav", "Sound/d.wav", "Later/c.wav"):
            (top / name).parent.mkdir(parents=True, exist_ok=True)
            (top / name).write_bytes(name.encode())
        create(top / "Sound", Order(), read_plainly, self.clock)
        create(top, Order(), read_plainly, self.clock)
        (self.manifest,) = (top / "ascmhl").glob("*.mhl")

    def look(self, inside: str = "") -> Since:
        """Verify one of its histories a minute later; what is known then."""
        self.clock.advance(60)
        verify_history(self.top / inside, read_plainly, self.clock, append=True)
        return self.since()

    def since(self) -> Since:
        return found_since(str(self.manifest))

    def write(self, name: str, data: bytes | None = None) -> None:
        (self.top / name).write_bytes(name.encode() if data is None else data)


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    return Copy(tmp_path / "A014")


def test_nested_history_is_overlooked(copy: Copy) -> None:
    assert copy.since() == NOTHING, "it holds one since before the copy was made"
    copy.write("Sound/b.wav", b"other")
    assert copy.look("Sound") == Since(("Sound/b.wav",), at_ns=_MADE + 60 * _NS)
    copy.write("Sound/b.wav")
    assert copy.look("Sound") == NOTHING, "a.mov was read by nobody since"
    (copy.top / "Sound" / "b.wav").unlink()
    assert copy.look("Sound") == Since(missing=("Sound/b.wav",), at_ns=_MADE + 180 * _NS)


def test_history_begun_in_the_copy_later_is_overlooked(copy: Copy) -> None:
    assert copy.since() == NOTHING
    create(copy.top / "Later", Order(), read_plainly, copy.clock)
    assert copy.since() == NOTHING
    copy.write("Later/c.wav", b"other")
    assert copy.look("Later").failed == ("Later/c.wav",)


def test_another_tool_takes_wrong_bytes_in_as_the_first_ones(copy: Copy) -> None:
    """It begins a history in the copy and does not ask the one above."""
    copy.write("Later/c.wav", b"other")
    assert copy.look().failed == ("Later/c.wav",)
    above = (copy.top / "ascmhl").rename(copy.top / "hidden")
    copy.clock.advance(60)
    create(copy.top / "Later", Order(), read_plainly, copy.clock)
    above.rename(copy.top / "ascmhl")
    assert copy.since() == Since(("Later/c.wav",), at_ns=_MADE + 120 * _NS)
    copy.write("Later/c.wav")
    assert copy.look().whole


def test_copy_is_called_right_before_every_file_was_read_again(copy: Copy) -> None:
    assert copy.look().agreed_ns == _MADE + 60 * _NS
    assert copy.look("Sound").agreed_ns == _MADE + 60 * _NS, "of a.mov nothing newer is known"
    copy.write("a.mov", b"other")
    assert copy.look().agreed_ns is None
    copy.write("a.mov")
    assert copy.look() == Since(agreed_ns=_MADE + 240 * _NS)


def test_folder_that_may_not_be_entered_makes_a_history_untrusted(copy: Copy, monkeypatch: pytest.MonkeyPatch) -> None:
    from onset.mhl import since

    def refuse(folder: str, _: int) -> tuple[str, ...]:
        raise PermissionError(13, "Permission denied", folder)

    monkeypatch.setattr(since, "_folders", refuse)
    assert copy.since() == NOTHING


def test_disk_that_goes_while_it_is_looked_at_has_lost_its_files(copy: Copy, monkeypatch: pytest.MonkeyPatch) -> None:
    from onset.mhl import since

    (copy.top / "a.mov").unlink()
    assert copy.look().missing == ("a.mov",)
    found = since._found

    def and_gone(*asked: object) -> Since:
        answer = found(*asked)
        copy.top.rename(copy.top.with_name("unmounted"))
        return answer

    monkeypatch.setattr(since, "_found", and_gone)
    assert copy.since() == NOTHING
