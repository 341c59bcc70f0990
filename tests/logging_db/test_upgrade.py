"""Logs of every landed version open, say what they said then, and are never half of one and half of the other."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from logging_db import doctor, opening, projections, schema, upgrade
from logging_db.logbook import LOG_NAME, SqliteLogbook, create_log, open_log
from logging_db.sqlite_library import Connection, peek
from onset.domain.camera import LinkState
from onset.domain.card import FoundBad, RollState
from onset.domain.issue import Printed
from onset.domain.selects import SELECTS, in_order
from onset.errors import LogDiskError, LogError
from onset.logbook.as_json import Json, conflict_json, take_json
from onset.logbook.as_json_credit import totals_json
from onset.logbook.as_json_set import roll_json
from onset.logbook.terms import LookedAt, TakeFilter
from tests.logging_db.originals import a_card, a_clip, brought
from tests.logging_db.support import OnSet, a_clock, unwell
from tests.needs import require

OLD = Path(__file__).parents[1] / "data" / "logs"
LIBRARIES = ("pysqlite3", "stdlib")
BACKUP = f"{LOG_NAME}.v1-backup"


@pytest.fixture(params=LIBRARIES)
def old(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the log of version 1, in a folder of its own, with one of the two SQLite libraries."""
    monkeypatch.setenv("ONSET_SQLITE", request.param)
    return copy_of_old(tmp_path / "production")


def copy_of_old(folder: Path) -> Path:
    folder.mkdir()
    shutil.copyfile(OLD / "first_landed.onset", folder / LOG_NAME)
    return folder / LOG_NAME


def opened(path: Path) -> SqliteLogbook:
    return open_log(path, user="Maya", clock=a_clock())


def version(path: Path) -> int:
    with closing(peek(path)) as connection:
        return int(str(connection.execute("PRAGMA user_version").fetchall()[0][0]))


def in_order_of_ids(listed: Json) -> Json:
    """Version 4 lists takes as they were shot, older ones as they came."""
    assert isinstance(listed, dict)
    takes = listed["takes"]
    assert isinstance(takes, list)
    return {"takes": sorted(takes, key=_id)}


def _id(take: Json) -> str:
    assert isinstance(take, dict)
    return str(take["id"])


def what_it_said(name: str) -> Json:
    found: Json = json.loads((OLD / f"first_landed.{name}.json").read_text(encoding="utf-8"))
    return found


def as_then(now: Json, then: Json) -> Json:
    """`now` with the keys that there were then."""
    if isinstance(now, dict) and isinstance(then, dict):
        return {key: as_then(now[key], value) for key, value in then.items()}
    if isinstance(now, list) and isinstance(then, list) and len(now) == len(then):
        return [as_then(one, other) for one, other in zip(now, then, strict=True)]
    return now


def test_every_take_is_what_version_1_said_it_is(old: Path) -> None:
    with closing(opened(old)) as log:
        takes = log.takes(TakeFilter(limit=None, deleted=True))
        now: Json = {"takes": [take_json(take) for take in takes]}
        then = in_order_of_ids(what_it_said("list"))
        assert as_then(in_order_of_ids(now), then) == then
        conflicts: Json = {"conflicts": [conflict_json(one) for one in log.conflicts()]}
        assert as_then(conflicts, what_it_said("conflicts")) == what_it_said("conflicts")
        assert [card.label for card in log.cards()] == ["A014", "B003"]
        assert [(card.day, card.cleared_by, card.clips) for card in log.cards()] == [(None, "", None)] * 2
        assert [event.alarm for event in log.events()] == [False, False]
        assert {link.method for link in log.links()} == {"recorder"}
        assert [take.label for take in log.takes(TakeFilter(text="42C-2_A"))] == ["42C/2"]
    assert (version(old), unwell(old)) == (schema.VERSION, [])


@pytest.mark.parametrize("library", LIBRARIES)
def test_every_take_is_what_version_2_said_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, library: str) -> None:
    monkeypatch.setenv("ONSET_SQLITE", library)
    path = tmp_path / LOG_NAME
    shutil.copyfile(OLD / "second_landed.onset", path)
    with closing(opened(path)) as log:
        now: Json = {"takes": [take_json(take) for take in log.takes(TakeFilter(limit=None, deleted=True))]}
        then = in_order_of_ids(json.loads((OLD / "second_landed.list.json").read_text(encoding="utf-8")))
        assert as_then(in_order_of_ids(now), then) == then
        assert [(card.label, card.cleared_by, card.clips) for card in log.cards()] == [("A014", "Dana", None)]
        assert [claim.row for claim in log.claims()] == [1, 2]
        assert [one.text for one in log.explanations(day=1)] == ["the mixer was at lunch"]
        assert [event.alarm for event in log.events()] == [True]
        log.cut(log.rolling()[0].id, OnSet(log, a_clock()).stamp())
    assert (version(path), unwell(path), backups(path)) == (schema.VERSION, [], [f"{LOG_NAME}.v2-backup"])


@pytest.mark.parametrize("library", LIBRARIES)
def test_everything_is_what_version_3_said_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, library: str) -> None:
    monkeypatch.setenv("ONSET_SQLITE", library)
    path = tmp_path / LOG_NAME
    shutil.copyfile(OLD / "third_landed.onset", path)
    with closing(opened(path)) as log:
        takes: Json = {"takes": [take_json(take) for take in log.takes(TakeFilter(limit=None, deleted=True))]}
        conflicts: Json = {"conflicts": [conflict_json(one) for one in log.conflicts()]}
        totals: Json = {"totals": totals_json(log.totals(all_units=True))}
        for now, kind in ((takes, "list"), (conflicts, "conflicts"), (totals, "totals")):
            then: Json = json.loads((OLD / f"third_landed.{kind}.json").read_text(encoding="utf-8"))
            if kind == "list":
                now, then = in_order_of_ids(now), in_order_of_ids(then)
            assert as_then(now, then) == then
        assert [one.name for one in log.filters()] == ["B lacks sound"]
        assert [one.character for one in log.continuity()] == ["MARA"]
        assert [one.text for one in log.owed()] == ["the letter"]
        (wide,) = [one for one in log.setups() if one.description == "wide, from the door"]
        found = log.takes(TakeFilter(text="door wide 35mm"))  # words of the setup are new in version 4
        assert {(take.episode, take.slate) for take in found} == {(wide.episode, wide.slate)}
        log.cut(log.rolling()[0].id, OnSet(log, a_clock()).stamp())
    assert (version(path), unwell(path), backups(path)) == (schema.VERSION, [], [f"{LOG_NAME}.v3-backup"])


@pytest.mark.parametrize("library", LIBRARIES)
def test_everything_is_what_version_4_said_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, library: str) -> None:
    monkeypatch.setenv("ONSET_SQLITE", library)
    path = tmp_path / LOG_NAME
    shutil.copyfile(OLD / "fourth_landed.onset", path)
    with closing(opened(path)) as log:
        now: Json = {"takes": [take_json(take) for take in log.takes(TakeFilter(limit=None, deleted=True))]}
        then: Json = json.loads((OLD / "fourth_landed.list.json").read_text(encoding="utf-8"))
        assert as_then(now, then) == then
        said = json.loads((OLD / "fourth_landed.events.json").read_text(encoding="utf-8"))["events"]
        told = [(one.wall_ns, one.device, one.what, one.detail, one.take_id, one.alarm) for one in log.events()]
        assert told == [
            tuple(one[key] for key in ("wall_ns", "device", "what", "detail", "take", "alarm")) for one in said
        ]
        assert [(one.stands, one.count) for one in log.events()] == [(False, 1)] * 4, "an alarm of then has no end"
        assert list(log.alarms()) == []
        (take,) = log.rolling()
        (file,) = take.sound[0].files
        assert (take.rolled_by, file.peak_db, take.angles[0].clips[0].proxy) == ("", (), None)
        assert log.cut(take.id, OnSet(log, a_clock()).stamp(), by="DECK").cut_by == "DECK"
    assert (version(path), unwell(path), backups(path)) == (schema.VERSION, [], [f"{LOG_NAME}.v4-backup"])


@pytest.mark.parametrize("library", LIBRARIES)
def test_everything_is_what_version_5_said_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, library: str) -> None:
    monkeypatch.setenv("ONSET_SQLITE", library)
    path = tmp_path / LOG_NAME
    shutil.copyfile(OLD / "fifth_landed.onset", path)
    with closing(opened(path)) as log:
        now: Json = {"takes": [take_json(take) for take in log.takes(TakeFilter(limit=None, deleted=True))]}
        then: Json = json.loads((OLD / "fifth_landed.list.json").read_text(encoding="utf-8"))
        assert as_then(in_order_of_ids(now), in_order_of_ids(then)) == in_order_of_ids(then)
        assert [(one.what, one.stands) for one in log.events()] == [("silent", True), ("frozen", False)]
        assert [one.eighths for one in log.credits()] == [5]
        assert list(log.issues()) == []
        (issued,) = log.issue([Printed(report="editor", unit="Main", day=1, cells="eJw=", digest="ab" * 32)])
        assert list(log.issues(day=1)) == [issued]
    assert (version(path), unwell(path), backups(path)) == (schema.VERSION, [], [f"{LOG_NAME}.v5-backup"])


@pytest.mark.parametrize("library", LIBRARIES)
def test_everything_is_what_version_6_said_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, library: str) -> None:
    monkeypatch.setenv("ONSET_SQLITE", library)
    path = tmp_path / LOG_NAME
    shutil.copyfile(OLD / "sixth_landed.onset", path)
    with closing(opened(path)) as log:
        now: Json = {"takes": [take_json(take) for take in log.takes(TakeFilter(limit=None, deleted=True))]}
        then: Json = json.loads((OLD / "sixth_landed.list.json").read_text(encoding="utf-8"))
        assert as_then(in_order_of_ids(now), in_order_of_ids(then)) == in_order_of_ids(then)
        (issued,) = log.issues()
        assert (issued.report, issued.note, log.issued_cells(issued.id)) == ("editor", "by mail", "eJw=")
        chosen = in_order(log.takes(TakeFilter(tags=((SELECTS,),))))
        assert [take.label for take in chosen] == ["42C/1", "42C/3"]
        log.order_takes(SELECTS, [chosen[1].id], chosen[0].id)
        assert [take.label for take in in_order(log.takes(TakeFilter(tags=((SELECTS,),))))] == ["42C/3", "42C/1"]
    assert (version(path), unwell(path), backups(path)) == (schema.VERSION, [], [f"{LOG_NAME}.v6-backup"])


@pytest.mark.parametrize("library", LIBRARIES)
def test_everything_is_what_version_7_said_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, library: str) -> None:
    monkeypatch.setenv("ONSET_SQLITE", library)
    path = tmp_path / LOG_NAME
    shutil.copyfile(OLD / "seventh_landed.onset", path)
    with closing(opened(path)) as log:
        takes: Json = {"takes": [take_json(take) for take in log.takes(TakeFilter(limit=None, deleted=True))]}
        cards: Json = {
            "cards": [json.loads(json.dumps(dataclasses.asdict(card))) for card in log.cards()],
            "rolls": [roll_json(roll) for roll in log.rolls()],
        }
        for now, kind in ((in_order_of_ids(takes), "list"), (cards, "cards")):
            then: Json = json.loads((OLD / f"seventh_landed.{kind}.json").read_text(encoding="utf-8"))
            then = in_order_of_ids(then) if kind == "list" else then
            assert as_then(now, then) == then
        cleared = log.cards()[1]
        assert [copy.bad for copy in cleared.copies] == [None, None]
        bad = FoundBad(what="1 file failed when it was verified", names="A014C007.mov", at_ns=cleared.wall_ns + 1)
        log.copies_looked_at([LookedAt(card_id=cleared.id, copy=cleared.copies[0], bad=bad)])
        assert [copy.bad for copy in log.cards()[1].held_back_by] == [bad]
        assert next(roll for roll in log.rolls() if roll.label == "A014").state is RollState.WAITING
    assert (version(path), unwell(path), backups(path)) == (schema.VERSION, [], [f"{LOG_NAME}.v7-backup"])


def test_upgraded_log_is_written_like_any_other(old: Path) -> None:
    with closing(opened(old)) as log:
        on_set = OnSet(log, a_clock())
        take = log.find_take("42C/3")
        card = log.record_card(a_card())
        (clip,) = brought(on_set, a_clip(card=card.id))
        log.decide_link(take.id, clip, LinkState.CONFIRMED)
        assert a_clip().name in [one.name for angle in log.find_take("42C/3").angles for one in angle.clips]
        assert on_set.undo() == "A014C007_260529_R1AB no longer linked to 42C/3"
        log.cut(log.rolling()[0].id, on_set.stamp())
    assert unwell(old) == []


def test_backup_beside_it_is_the_old_log(old: Path) -> None:
    opened(old).close()
    backup = old.with_name(BACKUP)
    assert (version(backup), unwell(backup)) == (1, [])
    with closing(peek(backup)) as kept, closing(peek(OLD / "first_landed.onset")) as first:
        for table in ("edit", "change", "entity", "take", "words"):
            rows = f'SELECT * FROM "{table}"'
            assert kept.execute(rows).fetchall() == first.execute(rows).fetchall()
    before = digest(backup)
    opened(old).close()
    assert (digest(backup), backups(old)) == (before, [BACKUP])


def test_backup_of_an_earlier_state_is_kept_beside_the_new_one(old: Path) -> None:
    """Somebody went back to the backup, and on from there: both are worth keeping."""
    opened(old).close()
    backup = old.with_name(BACKUP)
    shutil.copyfile(backup, old)
    opened(old).close()
    assert backups(old) == [BACKUP]  # it holds the same
    backup.write_bytes(b"cut short by a bad stick")
    shutil.copyfile(OLD / "first_landed.onset", old)
    opened(old).close()
    assert backups(old) == [BACKUP, f"{BACKUP}-2"]
    assert unwell(old.with_name(f"{BACKUP}-2")) == []


def test_doctor_looks_at_an_old_log_and_leaves_it(old: Path) -> None:
    found = {check.name: check for check in doctor.check(old)}
    assert all(check.ok for check in found.values())
    assert f"version 1, this program writes {schema.VERSION}" in found["log version"].detail
    assert version(old) == 1
    assert backups(old) == []
    with closing(peek(OLD / "first_landed.onset")) as first, closing(peek(old)) as now:
        assert now.execute("SELECT * FROM edit").fetchall() == first.execute("SELECT * FROM edit").fetchall()


def test_older_program_is_told_that_it_may_only_read(old: Path, tmp_path: Path) -> None:
    """Version 1 opens what says `min_reader` 1 and a later `min_writer` for reading alone, and names both versions."""
    opened(old).close()
    create_log(tmp_path, title="New", rate="25", user="Maya", clock=a_clock())
    for path in (old, tmp_path / LOG_NAME):
        with closing(peek(path)) as connection:
            stamped = connection.execute("SELECT key, value FROM meta ORDER BY key").fetchall()
        assert stamped == [("min_reader", "1"), ("min_writer", str(schema.MIN_WRITER))]
        assert path.read_bytes()[60:64] == schema.VERSION.to_bytes(4, "big")  # where it looks, before SQLite does


def test_upgraded_log_has_the_tables_of_a_new_one(old: Path, tmp_path: Path) -> None:
    opened(old).close()
    create_log(tmp_path, title="New", rate="25", user="Maya", clock=a_clock())

    def tables(path: Path) -> set[tuple[object, ...]]:
        with closing(peek(path)) as connection:
            rows = connection.execute("SELECT type, name, sql FROM sqlite_schema").fetchall()
            return {(kind, name, " ".join(str(sql).split())) for kind, name, sql in rows}

    assert tables(old) == tables(tmp_path / LOG_NAME)


def test_kill_before_the_commit_leaves_version_1(old: Path) -> None:
    died = subprocess.run(
        [
            sys.executable,
            "-c",
            "import os, signal, sys; from pathlib import Path\n"
            "from logging_db import projections\nfrom logging_db.logbook import open_log\n"
            "fill = projections.fill\n"
            "def fill_and_die(connection):\n"
            "    fill(connection)\n"
            "    connection.execute('PRAGMA cache_spill=1'); os.kill(os.getpid(), signal.SIGKILL)\n"
            "projections.fill = fill_and_die\n"
            "open_log(Path(sys.argv[1]))\n",
            str(old),
        ],
        check=False,
    )
    assert died.returncode == -9
    assert version(old) == 1
    assert unwell(old) == []
    with closing(opened(old)) as log:
        assert as_then([take_json(log.find_take("42C/3"))], [{"status": ""}]) == [{"status": "circled"}]
    assert (version(old), unwell(old), backups(old)) == (schema.VERSION, [], [BACKUP])


def test_row_that_would_be_lost_leaves_version_1(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill = projections.fill

    def lossy(connection: Connection) -> None:
        fill(connection)
        connection.execute("DELETE FROM note WHERE id = (SELECT max(id) FROM note)")

    monkeypatch.setattr(projections, "fill", lossy)
    with pytest.raises(LogError, match="rows of its note would be lost"):
        opened(old)
    assert (version(old), unwell(old)) == (1, [])


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "small"
    folder.mkdir()
    require(os.geteuid() == 0 and shutil.which("mount") is not None, "a small tmpfs needs root")
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", folder], check=False).returncode == 0
    require(mounted, "this machine does not let tests mount")
    try:
        yield folder
    finally:
        subprocess.run(["umount", folder], check=True)


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("room", [100, 360, 500])
def test_full_disk_leaves_version_1_and_shows_it(
    small_disk: Path, monkeypatch: pytest.MonkeyPatch, library: str, room: int
) -> None:
    """Room for nothing, for the backup alone (348 KiB), and for a part of the new tables."""
    monkeypatch.setenv("ONSET_SQLITE", library)
    path = small_disk / LOG_NAME
    shutil.copyfile(OLD / "first_landed.onset", path)
    (small_disk / "filler").write_bytes(bytes((4096 - 340 - room) << 10))
    with pytest.raises(
        LogDiskError, match=r"log version 1\) and was left as it is.*disk is full.*free some space"
    ) as said:
        opening.look(path)
    assert "\n" not in str(said.value)
    shown = opened(path)
    assert shown.read_only is not None
    assert "the disk is full, so nothing can be written now" in shown.read_only
    assert len(shown.takes()) > 0
    shown.close()
    assert version(path) == 1
    assert [name for name in os.listdir(small_disk) if name.startswith(".")] == []
    (small_disk / "filler").unlink()
    assert (version(path), unwell(path)) == (1, [])
    opened(path).close()
    assert (version(path), unwell(path), backups(path)) == (schema.VERSION, [], [BACKUP])


def test_log_that_an_older_program_has_open_is_not_changed_under_it(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upgrade, "_TRIES", 2)
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys; from pathlib import Path; from logging_db.sqlite_library import connect\n"
            "log = connect(Path(sys.argv[1])); log.execute('SELECT 1 FROM take').fetchall()\n"
            "print('open', flush=True); sys.stdin.read()",
            str(old),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "open\n"
        with pytest.raises(LogError, match=rf"pid {holder.pid}\); close that program first.*version {schema.VERSION}"):
            opened(old)
    finally:
        holder.communicate(timeout=20)
    assert version(old) == 1
    opened(old).close()
    assert version(old) == schema.VERSION


def test_two_programs_that_open_it_at_once_bring_it_up_once(old: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from logging_db.logbook import open_log\n"
        "sys.stdin.readline(); log = open_log(Path(sys.argv[1])); print(len(log.takes())); log.close()"
    )
    programs = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(old)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(3)
    ]
    for program in programs:
        assert program.stdin is not None
        program.stdin.write("\n")
        program.stdin.flush()
    said = [program.communicate(timeout=40)[0] for program in programs]
    assert said == ["8\n"] * 3
    assert (version(old), unwell(old), backups(old)) == (schema.VERSION, [], [BACKUP])


def test_old_log_on_a_read_only_medium_is_read_and_stays_old(
    old: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    require(os.geteuid() == 0 and shutil.which("mount") is not None, "a read-only mount needs root")
    copies = tmp_path / "copies"
    copies.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(copies))
    stick = old.parent
    mounted = subprocess.run(["mount", "--bind", stick, stick], capture_output=True, check=False).returncode == 0
    require(mounted, "this machine does not let tests mount")
    try:
        subprocess.run(["mount", "-o", "remount,ro,bind", stick], check=True)
        with closing(opened(old)) as log:
            assert "read-only" in (log.read_only or "")
            assert len(log.takes()) == 8
            assert log.media() == []
        before = digest(OLD / "first_landed.onset")
        assert digest(old) == before
    finally:
        subprocess.run(["umount", stick], check=True)
    assert os.listdir(stick) == [LOG_NAME]
    assert os.listdir(copies) == []


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def backups(path: Path) -> list[str]:
    return sorted(name for name in os.listdir(path.parent) if "backup" in name and not name.endswith(("-wal", "-shm")))
