"""What is said of a file that has no copy sends people to the right place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from onset.mhl.tree import FileEntry
from onset.offload.prove import Prover, Reading
from tests.onset.offload.cards import make_card, make_targets, offload


@pytest.mark.parametrize("name", ["CLIPS/A001C001.mov", "CLIPS/A001C001M01.xml"])
@pytest.mark.parametrize("written", ["at the end", "over the first bytes"])
def test_clip_that_changed_is_blamed_on_the_reader(
    name: str, written: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The camera writes to it between the first read and the second."""
    card, targets = make_card(tmp_path / "A001"), make_targets(tmp_path)
    real, real_many = Prover._read_card, Prover.read_many

    def write() -> None:
        with (card / name).open("ab" if written == "at the end" else "r+b") as file:
            file.write(b"more")

    def writing(self: Prover, entry: FileEntry, held: int = -1) -> Reading:
        if entry.path == name and name.endswith("mov"):
            write()
        return real(self, entry, held)

    def writing_before(self: Prover, *given: Any) -> list[Reading | None]:
        if name.endswith("xml"):
            write()
        return real_many(self, *given)

    monkeypatch.setattr(Prover, "_read_card", writing)
    monkeypatch.setattr(Prover, "read_many", writing_before)
    outcome = offload(card, targets, tmp_path / "state")
    (problem,) = outcome.problems
    assert (outcome.exit_code, problem.path) == (10, name)
    assert problem.what == "was changed on the card during the offload"
    assert not (targets[0] / "A001" / name).exists()


@pytest.mark.parametrize("what", ["file", "folder", "link"])
def test_content_that_was_there_before_came_meanwhile(what: str, tmp_path: Path) -> None:
    card, targets = make_card(tmp_path / "A001"), make_targets(tmp_path)
    offload(card, targets, tmp_path / "state")
    there = targets[0] / "A001" / "CLIPS" / "A001C001.mov"
    there.unlink()
    if what == "file":
        there.write_bytes(b"of another length")
    elif what == "folder":
        there.mkdir()
    else:
        there.symlink_to("A001C002.mov")
    outcome = offload(card, targets, tmp_path / "state")
    assert outcome.exit_code == 10
    (said,) = {problem.what for problem in outcome.problems if problem.path == "CLIPS/A001C001.mov"}
    assert (
        said == "the target holds other content under that name, which was left as it is; move it away and copy again"
    )
    assert there.is_symlink() or there.is_dir() or there.read_bytes() == b"of another length"
