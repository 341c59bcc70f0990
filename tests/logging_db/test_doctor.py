"""An alteration that nobody is told of, though a backup, the journal or a wrap manifest could tell."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from logging_db import doctor, manifest
from logging_db.backup import Made, back_up
from logging_db.chains import look_at_chains
from logging_db.journal import journals, pending_of
from logging_db.logbook import LOG_NAME, create_log, open_log
from logging_db.sqlite_library import connect
from logging_db.taking_in import seat_by_seat
from onset.changes import GENESIS, chained
from onset.clock import ManualClock
from onset.errors import LogError
from onset.logbook.terms import Next
from tests.logging_db.support import NOON, OnSet, a_clock, use_library

HOUR_S = 3600.0


class Kept:
    """A log of four takes with notes, its journal and its backup on SHUTTLE, closed."""

    def __init__(self, folder: Path) -> None:
        self.clock: ManualClock = a_clock()
        self.harbour = folder / "Harbour"
        self.shuttle = folder / "SHUTTLE"
        for each in (self.harbour, self.shuttle):
            each.mkdir()
        create_log(self.harbour, title="Harbour Lights", rate="25", user="Maya", clock=self.clock)
        self.shoot("1", notes=3)
        self.made = self.back_up()
        self.manifest = manifest.write(self.made, {"unit": "Main", "day": 1}, {}, NOON)

    @property
    def log(self) -> Path:
        return self.harbour / LOG_NAME

    @property
    def journal(self) -> Path:
        return journals(self.shuttle, self.log)[-1]

    def shoot(self, slate: str, notes: int = 1) -> None:
        with closing(open_log(self.log, user="Maya", clock=self.clock, second_to=self.shuttle)) as log:
            on_set = OnSet(log, self.clock)
            log.set_next(Next(slate=slate))
            for number in range(notes):
                log.note(on_set.shoot().id, f"boom in shot {number}")

    def back_up(self) -> Made:
        return back_up(self.log, self.shuttle, self.clock)

    def sql(self, *statements: str) -> None:
        """As with a shell, by another program."""
        program = (
            "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); [c.execute(s) for s in sys.argv[2:]]; c.commit()"
        )
        subprocess.run([sys.executable, "-c", program, self.log, *statements], check=True)

    def found(self) -> dict[str, tuple[bool, str]]:
        checks = doctor.check(self.log, self.shuttle, 600.0, self.clock.wall_ns())
        return {check.name: (check.ok, check.detail) for check in checks}

    def bad(self) -> set[str]:
        return {name for name, (ok, _) in self.found().items() if not ok}


@pytest.fixture(params=["pysqlite3", "stdlib"])
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Kept:
    use_library(monkeypatch, str(request.param))
    return Kept(tmp_path)


def test_healthy_log_is_called_ill(kept: Kept) -> None:
    assert kept.bad() == set()
    found = kept.found()
    assert "nothing behind" in found["log journal"][1]
    assert "0 edits ago" in found["log backup"][1]
    assert found["log wrap"] == (True, "1 wrap manifests agree")
    assert "survives a power cut" in found["log settings"][1]


def test_changed_note_is_found_without_its_take_and_what_it_was(kept: Kept) -> None:
    kept.sql("DROP TRIGGER change_no_update", "UPDATE change SET value = 'fine' WHERE value = 'boom in shot 1'")
    found = kept.found()
    assert "on 1/2) was altered after it was written" in found["log chain"][1]
    for witness in ("log backup", "log journal"):
        ok, detail = found[witness]
        assert not ok
        assert 'note text is "fine" and was "boom in shot 1"' in detail
        assert "by Maya, 2026-05-29 12:00" in detail


def test_flipped_bit_is_found_without_its_take(kept: Kept) -> None:
    """SQLite says ok, wherever in the file the note's text lay that was hit."""
    whole = kept.log.read_bytes()
    places = [at for at in range(len(whole)) if whole.startswith(b"boom in shot 1", at)]
    assert len(places) >= 2  # as it was written, and in what is made of it
    named = 0
    for at in places:
        flipped = bytearray(whole)
        flipped[at] ^= 1
        kept.log.write_bytes(flipped)
        found = kept.found()
        assert found["log integrity"][0]
        details = " ".join(found[name][1] for name in ("log chain", "log projections"))
        named += "1/2" in details
    assert named >= 2


def test_cut_tail_is_not_noticed(kept: Kept) -> None:
    """Whoever cuts the end off with its changes leaves a log that is whole by itself."""
    last = "(SELECT max(seq) FROM edit)"
    kept.sql(
        "DROP TRIGGER edit_no_delete",
        "DROP TRIGGER change_no_delete",
        f"DELETE FROM change WHERE seq = {last}",
        f"DELETE FROM edit WHERE seq = {last}",
    )
    doctor.rebuild(kept.log, kept.harbour, kept.clock)
    found = kept.found()
    assert found["log chain"][0]
    for witness in ("log backup", "log journal", "log wrap"):
        ok, detail = found[witness]
        assert not ok, witness
        assert "missing in the log" in detail
        assert "Maya, script" in detail


def test_chain_that_was_computed_anew_is_believed(kept: Kept) -> None:
    kept.sql("DROP TRIGGER change_no_update", "UPDATE change SET value = 'fine' WHERE value = 'boom in shot 1'")
    with closing(connect(kept.log)) as connection:
        connection.execute("DROP TRIGGER edit_no_update")
        previous = GENESIS
        for edit, _ in list(seat_by_seat(connection)):
            previous = chained(previous, edit)
            connection.execute("UPDATE edit SET hash = ? WHERE seq = ?", (previous, edit.seq))
        assert look_at_chains(connection).findings == ()
    found = kept.found()
    assert found["log chain"][0]
    for witness in ("log backup", "log journal"):
        assert not found[witness][0]
        assert "on 1/2) was written anew" in found[witness][1]
    assert "its chain was rewritten" in found["log wrap"][1]


def test_edits_of_an_hour_are_in_no_backup(kept: Kept) -> None:
    kept.shoot("2")
    assert kept.bad() == set()
    kept.clock.advance(HOUR_S)
    assert kept.bad() == {"log backup"}
    assert '"onset backup" makes one' in kept.found()["log backup"][1]
    kept.back_up()
    assert kept.bad() == set()


def test_edits_that_wait_in_the_journal_are_not_told(kept: Kept) -> None:
    pending_of(kept.journal).write_text(str(kept.journal.stat().st_size))
    assert kept.bad() == {"log journal"}


def test_reserve_that_was_used_up_is_not_told(kept: Kept) -> None:
    (kept.harbour / f"{LOG_NAME}.reserve").write_bytes(b"")
    assert kept.bad() == {"log reserve"}


def test_altered_witness_speaks_against_the_log(kept: Kept) -> None:
    """A line of the journal that is not whole by itself proves nothing; a manifest that is none is named."""
    lines = kept.journal.read_bytes().splitlines(keepends=True)
    lines[4] = lines[4].replace(b"Maya", b"Mara")
    kept.journal.write_bytes(b"".join(lines))
    assert kept.found()["log journal"][0]
    told = json.loads(kept.manifest.read_text())
    told["seats"][0]["hash"] = "nothing"
    kept.manifest.write_text(json.dumps(told))
    assert "is not a wrap manifest, or was altered" in kept.found()["log wrap"][1]
    kept.made.backup.path.write_bytes(b"SQLite format 3\x00" + bytes(5000))
    assert not kept.found()["log backup"][0]


def test_rebuild_loses_an_edit_or_mends_nothing(kept: Kept) -> None:
    kept.sql("UPDATE take SET status = 'ng'", "DELETE FROM note")
    assert "1/1, 1/2, 1/3" in kept.found()["log projections"][1]
    done = doctor.rebuild(kept.log, kept.shuttle, kept.clock)
    assert (done.differed["take"], done.differed["note"]) == (
        6,
        3,
    )  # three as they are, three as they shall be; and three that are gone
    assert done.backup.exists()
    assert kept.bad() == set()
    with closing(open_log(kept.log, user="Maya", clock=kept.clock)) as log:
        assert log.find_take("1/2").notes[0].text == "boom in shot 1"


def test_rebuild_without_a_backup_changes_something(kept: Kept) -> None:
    kept.sql("UPDATE take SET status = 'ng'")
    before = kept.log.read_bytes()
    with pytest.raises(LogError, match="is not there"):
        doctor.rebuild(kept.log, kept.shuttle / "nowhere", kept.clock)
    assert kept.log.read_bytes() == before


def test_journal_with_a_hole_passes_for_a_whole_one(kept: Kept) -> None:
    lines = kept.journal.read_bytes().splitlines(keepends=True)
    kept.journal.write_bytes(b"".join([*lines[:3], *lines[4:]]))
    ok, detail = kept.found()["log journal"]
    assert not ok
    assert f"{len(lines) - 3} edits are missing" in detail
    kept.journal.rename(kept.journal.with_suffix(".away"))
    kept.shoot("2")
    assert kept.found()["log journal"][0]
