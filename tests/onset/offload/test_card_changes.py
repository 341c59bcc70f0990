"""A card that is not left alone while it is copied: files vanish, shrink, are exchanged."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from onset.clock import SystemClock
from onset.errors import OffloadError
from onset.mhl.check import verify_history
from onset.offload.card import list_again, scan_card
from onset.offload.prove import Prover
from tests.onset.mhl.samples import assert_valid, read_plainly
from tests.onset.offload.cards import at_reading, contents, offload

CLIP, SMALL = "CLIPS/A001C002.mov", "CLIPS/A001C002M01.xml"
Change = Callable[[Path], None]


def vanish(path: Path) -> None:
    path.unlink()


def shrink(path: Path) -> None:
    os.truncate(path, path.stat().st_size - 1)


def grow(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"more")


def be_exchanged(path: Path) -> None:
    """Another file of the same size and date: only its inode tells."""
    before = path.stat()
    path.rename(path.with_name("kept"))
    path.write_bytes(bytes(before.st_size))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    path.with_name("kept").unlink()


def be_written_to(path: Path) -> None:
    with path.open("r+b") as file:
        file.write(b"other")
    os.utime(path, ns=(1, path.stat().st_mtime_ns + 1))


CHANGES = (vanish, shrink, grow, be_exchanged, be_written_to)


@pytest.mark.parametrize("when", ["before its turn", "while it is read", "after it was proved"])
@pytest.mark.parametrize("name", [CLIP, SMALL])
@pytest.mark.parametrize("change", CHANGES, ids=[change.__name__ for change in CHANGES])
def test_change_on_the_card_goes_unnoticed(
    change: Change,
    name: str,
    when: str,
    card: Path,
    targets: list[Path],
    state: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    right = contents(card)
    victim = card / name
    pending = [change]

    def strike() -> None:
        if pending:
            pending.pop()(victim)

    prove = Prover.prove

    def proving(self: Prover, entry: object, *rest: object, **more: object) -> None:
        prove(self, entry, *rest, **more)  # type: ignore[arg-type]  # passed on as they came
        if getattr(entry, "path", "") == name:
            strike()

    if when == "after it was proved":
        monkeypatch.setattr(Prover, "prove", proving)
    else:
        at_reading(monkeypatch, victim if when == "while it is read" else None, lambda data: strike())
    outcome = offload(card, targets, state)
    assert not pending
    assert (outcome.exit_code, outcome.verdict) == (10, "not safe")
    assert {problem.path for problem in outcome.problems} == {name}
    for target in targets:
        copied = target / "A001"
        there = contents(copied)
        if when == "after it was proved":
            assert there[name] == right[name]
        assert {path: right[path] for path in there} == there
        assert there.keys() | {name} == right.keys()
        assert_valid(copied)
        assert verify_history(copied, read_plainly, SystemClock(), append=False).exit_code == 0


def test_card_that_was_taken_out_lost_all_its_files(card: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder that it was mounted at is there still, and empty: they did not vanish from the card."""
    found = scan_card(card)
    assert list_again(found) == found.tree
    assert found.mount is not None
    below = dataclasses.replace(found.mount, point="/", device=found.mount.device + 1)
    monkeypatch.setattr("onset.offload.card.mount_of", lambda path: below)
    with pytest.raises(OffloadError, match=r"^A001 was taken out before it could be looked at again; put it in and "):
        list_again(found)


def test_empty_mount_point_is_an_empty_card(tmp_path: Path) -> None:
    with pytest.raises(OffloadError, match=r"There are no files on .*\. Is the card mounted\?$"):
        scan_card(tmp_path)
