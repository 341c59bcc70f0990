"""The Offload screen with the real engine: copies are started here, followed, found again, refused in words."""

from __future__ import annotations

import dataclasses
import fcntl
import io
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from onset.cli.main import main
from onset.domain.card import Card, Copy, RollState
from onset.logbook.terms import Next
from onset.offload.journal import JobSheet, JobSummary, jobs_folder
from onset.offload.orders import Order
from onset.targets import TargetConfig
from tests.tui.cart import Cart, card_in, cart_in, offload_screen, open_offload
from tests.tui.support import NOON, At, at_work
from tui import jobs
from tui.card_board import Entry, board_row, list_cards, new_row
from tui.cards import Known
from tui.jobs import Started, asked_targets, detail_rows, look, state_of
from tui.widgets.entry import EntryLine


@pytest.fixture
def cart(tmp_path: Path) -> Cart:
    return cart_in(tmp_path)


async def _copy(at: At, card: str, targets: str) -> None:
    """Ask for a copy as a person does: N, the card, where to."""
    await at.press("n")
    await at.type(card)
    await at.press("enter")
    await at.type(targets)
    await at.press("enter")


async def test_a_card_is_copied_and_the_verdict_stands_in_two_sentences(cart: Cart, tmp_path: Path) -> None:
    card = card_in(tmp_path)
    async with at_work(cart, size=(120, 40)) as at:
        await open_offload(at)
        (tmp_path / "one").mkdir()
        (tmp_path / "two").mkdir()
        await _copy(at, str(card), f"{tmp_path}/one, {tmp_path}/two")
        await at.until(
            lambda: bool(offload_screen(at).looks.jobs) and offload_screen(at).looks.jobs[0].result is not None
        )
        await at.until(lambda: "Do NOT format A014" in at.drawn())
        assert "LOG: " in at.drawn()
        assert "COPIES: NOT SAFE" in at.drawn()  # two folders on one disk are one copy, and the card's own disk is none
        assert "5 verified" in at.drawn()
    (tmp_path / "two" / "A014" / "CLIPS" / "A014C004.mov").write_bytes(bytes(40_000))
    assert main(["verify", str(tmp_path / "two")]) == 11
    cart.matching = True  # as the app has it: another opening of the log, which may write
    async with at_work(cart, size=(120, 40)) as at:  # started again: the job is found by its journal
        await open_offload(at)
        await at.until(lambda: bool(offload_screen(at).looks.jobs))
        await at.press("down")
        await at.until(lambda: "A014: 1 file failed when it was verified" in " ".join(at.drawn().split()))
        assert "COPIES: NOT SAFE" in at.drawn()
        await at.pilot.click("#jobs", offset=(4, 2))
        assert offload_screen(at).has_class("inside"), "a tap on what is under the cursor opens it"
        assert ", but 1 file failed when it was verified" in " ".join(at.drawn().split())
    (tmp_path / "two").rename(tmp_path / "unmounted")
    log = cart.open()
    (bad,) = [copy.bad for copy in log.cards()[0].copies if copy.bad is not None]
    log.close()
    assert (bad.what, bad.names) == ("1 file failed when it was verified", "A014C004.mov"), "the screen let it know"


def _target(name: str, path: str, folder: str) -> TargetConfig:
    return TargetConfig(name=name, path=Path(path), folder=folder)


def _known(folder: str) -> Any:
    """A card of which the log has one copy."""
    return SimpleNamespace(card=SimpleNamespace(copies=[SimpleNamespace(path=folder, failed=0)]))


@contextmanager
def _living(label: str, rank: int, stands: str, progress: Mapping[str, object]) -> Iterator[Path]:
    """A job that stands in the queue, as its record says."""
    job = jobs_folder(os.environ) / label.lower()
    job.mkdir(parents=True)
    (job / "job.json").write_text(
        json.dumps(
            {"id": label.lower(), "card": f"/media/{label}", "label": label, "fingerprint": label}
            | {"folders": [f"/x/{label}"], "source_check": "reread", "started_ns": 100 - rank, "pid": 1}
        )
    )
    uses = [{"disk": "sda", "name": "SHUTTLE", "at_once": 1}]
    (job / "queue.json").write_text(json.dumps({"label": label, "stands": stands, "uses": uses}))
    (job / "wishes.json").write_text(json.dumps({"rank": rank}))
    reading = {"phase": "copy", "files": 3, "files_done": 1, "targets": [], "waits_for": None, "paused": False}
    (job / "progress.json").write_text(json.dumps({**reading, **progress}))
    with (job / "lock").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield job


async def test_copy_that_waits_cannot_be_paused_or_put_first(cart: Cart) -> None:
    waits = {"phase": "waits", "waits_for": "A014 on SHUTTLE", "files_done": 0}
    with _living("A014", 1, "runs", {}), _living("A015", 2, "waits", waits), _living("A016", 3, "waits", waits) as job:
        async with at_work(cart, size=(120, 40)) as at:
            await open_offload(at)
            await at.until(lambda: "A016" in at.drawn())
            assert "for A014 on SHUTTLE" in at.drawn()
            await at.press("down", "down", "down")
            await at.until(lambda: "waits for A014 on SHUTTLE" in at.drawn())
            assert "pause A016" in at.drawn()
            assert "A016 first" in at.drawn()
            await at.press("j", "f")
            await at.until(lambda: "A016 goes before the others. A014 runs and is not stopped." in at.status)
            assert json.loads((job / "wishes.json").read_text())["rank"] == 0
            await at.press("j", "p")
            await at.until(lambda: "A016 is paused" in at.status or "A016 stands still" in at.status)
            (job / "progress.json").write_text(json.dumps({**waits, "paused": True, "waits_for": None}))
            await at.until(lambda: "resume A016" in at.drawn())
            await at.press("j", "p")
            await at.until(lambda: "A016 goes on" in at.status)
            assert json.loads((job / "wishes.json").read_text()) == {"paused": False, "cancelled": False, "rank": 0}
            await at.press("up", "up", "j", "f")
            await at.until(lambda: "A014 runs already" in at.status)
            await at.press("ctrl+x", "ctrl+x")
            await at.until(lambda: "The copy of A014 stops" in at.status)
            ended: Any = SimpleNamespace(pid=1, poll=lambda: 1)
            said = io.BytesIO(b"onset: Stopped; 1 of 5 files are on all targets, verified. Started again, it goes on.")
            offload_screen(at)._copies._started.append(Started(ended, said, "A014"))
            await at.until(lambda: at.status == "A014 was stopped; Enter goes on with it.", "somebody wanted it here")


@pytest.mark.parametrize(
    ("progress", "state", "said"),
    [
        ({"gives_way": True}, "copy", "slow: a take rolls   1.0 MB/s"),
        ({"gives_way": True, "paused": True}, "paused", "paused: a take rolls"),
        ({"gives_way": True, "unasked": True}, "copy", "slow: the log cannot be asked   1.0 MB/s"),
        ({"paused": True}, "paused", "paused"),
        ({"phase": "waits", "waits_for": "B001 on RAID"}, "waits", "waits for B001 on RAID"),
    ],
)
def test_why_a_copy_stands_still_is_only_known_at_its_terminal(
    progress: Mapping[str, object], state: str, said: str
) -> None:
    with _living("A014", 1, "runs", {"bytes_per_s": 1_000_000, **progress}):
        (job,) = look(jobs_folder(os.environ))
        assert state_of(job) == state
        assert said in detail_rows(job, None)[0].text


def test_suspended_copy_is_said_to_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "is_suspended", lambda pid: True)
    moving = {"bytes": 100, "bytes_read": 50, "bytes_per_s": 1_000_000, "eta_s": 60}
    with _living("A014", 1, "copy", moving):
        (job,) = look(jobs_folder(os.environ))
        assert (state_of(job), jobs.pause_or_resume(job)) == ("suspended", Order.RESUME)
        told = detail_rows(job, None)
        assert "resume wakes it" in told[0].text
        assert not any("ETA" in row.text or "/s" in row.text for row in told)
        assert "ETA" not in jobs.job_words(job)
    monkeypatch.setattr(jobs, "is_suspended", lambda pid: False)
    with _living("A015", 1, "copy", moving):
        assert "ETA" in jobs.job_words(next(job for job in look(jobs_folder(os.environ)) if job.sheet.label == "A015"))


def test_errors_and_the_second_read_of_the_card_are_told_only_at_the_end() -> None:
    path, half = "/x/A014", {"written": 900, "verified": 450, "lost": None}
    problems = [
        {"path": f"C{n}.mov", "target": path if n == 9 else None, "what": "went\x1b wrong"} for n in range(5, 10)
    ]
    reading = {
        "bytes": 900, "bytes_read": 900, "bytes_checked": 300, "bytes_per_s": 2_000_000.0, "eta_s": 61.4,
        "targets": [{"path": path, **half}, {"path": "/y/A014", **half, "lost": "it is full"}],
        "failed": 7, "problems": problems,
    }  # fmt: skip
    with _living("A014", 1, "runs", reading):
        (job,) = look(jobs_folder(os.environ))
        rows = detail_rows(job, None)
        assert [row.text.split() for row in rows[:4]] == [
            ["card", "read", "█" * 16, "100", "%", "1", "of", "3", "files", "2.0", "MB/s", "ETA", "01:01"],
            ["card", "again", "█" * 5 + "·" * 11, "33", "%"],
            ["7", "things", "went", "wrong", "so", "far,", "the", "newest:"],
            f"C9.mov on {path}: went\x1b wrong".split(),
        ]
        assert [row.text for row in rows if row.alarm and "C5" in row.text] == ["  C5.mov on the card: went\x1b wrong"]
        assert "read back ████████········  50 %  1.0 MB/s" in rows[5].text
        assert any("LOST: it is full" in row.text and row.alarm for row in rows)
        told = board_row(Entry(job))
        assert "61 %  ETA 01:01  7 FAILED" in told.text
        assert told.alarm


def test_copy_that_is_read_is_taken_for_the_card() -> None:
    with _living("A014", 1, "runs", {}) as folder:
        (job,) = look(jobs_folder(os.environ))
        assert detail_rows(job, None)[0].text.startswith("card read ")
        sheet = json.loads((folder / "job.json").read_text())
        (folder / "job.json").write_text(json.dumps({**sheet, "source": "/media/RAID/A014", "first": "1"}))
        (job,) = look(jobs_folder(os.environ))
        assert detail_rows(job, None)[0].text.startswith("copy read ")


def test_a_card_that_was_copied_twice_is_two_cards_and_its_roll_safe_while_it_is_not() -> None:
    def job(number: str, *, ended: bool = True) -> JobSummary:
        sheet = JobSheet(number, "/media/A014", "A014", "f", ("/x/A014",), "reread", int(number), 1)
        return JobSummary(sheet, Path(number), running=False, finished=ended, _read={"result.json": {}})

    card: Any = SimpleNamespace(id="c", label="A014", fingerprint="f")
    verdict: Any = SimpleNamespace(verdict="not safe", superseded=False)
    known = {"f": Known(card, verdict)}
    assert [each.spot[0] for each in list_cards([job("2"), job("1")], known, [], [])] == ["2"]
    found = [job("2", ended=False), job("1")]
    assert [each.spot[0] for each in list_cards(found, known, [], [])] == ["2", "1"], "what is proved stands yet"
    roll: Any = SimpleNamespace(card="c", state=RollState.SAFE)
    assert new_row([roll], known).text.endswith("    not safe 1")
    used: Any = SimpleNamespace(card="c", state=RollState.REUSED, id="r", label="A014")
    for word, state in (("cleared", "reused"), ("not safe", "not safe")):
        cleared: Any = SimpleNamespace(verdict=word, superseded=False)
        (entry,) = list_cards([], {"f": Known(card, cleared)}, [used], [])
        assert entry.state == state, "its roll is in a camera again"


def _under_cursor(at: At) -> str:
    job = offload_screen(at).job
    return job.sheet.label if job is not None else ""


async def test_second_card_is_started_while_the_first_is_copied(cart: Cart, tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    async with at_work(cart, size=(120, 40)) as at:
        await open_offload(at)
        for label in ("A014", "A015"):
            (tmp_path / label).mkdir()
            (tmp_path / label / f"{label}C001.mov").write_bytes(label.encode())
            await _copy(at, str(tmp_path / label), f"{tmp_path}/one")
            await at.until(lambda: "this goes on without the app" in at.status)
            await at.until(lambda label=label: label == _under_cursor(at))  # type: ignore[misc]
        await at.until(lambda: all(job.result is not None for job in offload_screen(at).looks.jobs))
    assert sorted(path.name for path in (tmp_path / "one").iterdir() if path.is_dir()) == ["A014", "A015"]


async def test_copy_that_was_filled_from_a_copy_looks_like_one_of_the_card(cart: Cart, tmp_path: Path) -> None:
    card = card_in(tmp_path)
    for name in ("raid", "shuttle"):
        (tmp_path / name).mkdir()
    async with at_work(cart, size=(120, 40)) as at:
        await open_offload(at)
        await _copy(at, str(card), f"{tmp_path}/raid > {tmp_path}/shuttle")
        await at.until(lambda: sum(job.result is not None for job in offload_screen(at).looks.jobs) == 2)
        filling, first = offload_screen(at).looks.jobs
        assert asked_targets(first, ()) == f"{tmp_path}/raid > {tmp_path}/shuttle"
        assert asked_targets(filling, ()) == f"{tmp_path}/shuttle"
        (open_then,) = jobs._filled(first, _known(f"{tmp_path}/shuttle/A014"))
        assert open_then in str(first.result), "what the first job said is not said any more of a copy that is made"
        assert not jobs._filled(first, _known(f"{tmp_path}/raid/A014"))
        shown = {row.text for row in (*detail_rows(filling, None), *detail_rows(first, None))}
        assert f"filled from {tmp_path}/raid/A014; the card is not needed" in shown
        assert f"then {tmp_path}/shuttle/A014 is filled from {tmp_path}/raid/A014" in shown
        assert any(f"{tmp_path}/shuttle/A014: 5 verified" in row and "made from" in row for row in shown)


async def test_a_missing_card_is_refused_in_one_sentence(cart: Cart, tmp_path: Path) -> None:
    async with at_work(cart, size=(120, 40)) as at:
        await open_offload(at)
        await _copy(at, "/nowhere/A001", str(tmp_path))
        await at.until(lambda: "/nowhere/A001" in at.status and at.status.startswith("!"))
        assert "Traceback" not in at.status


async def test_what_is_wrong_with_a_card_is_shown_only_at_the_terminal_that_copied_it(cart: Cart) -> None:
    job = jobs_folder(os.environ) / "1"
    job.mkdir(parents=True)
    (job / "job.json").write_text(
        '{"id": "1", "card": "/media/A014", "label": "A014", "fingerprint": "f", "folders": ["/x/one/A014"],'
        ' "source_check": "reread", "started_ns": 1, "pid": 1}'
    )
    (job / "progress.json").write_text('{"phase": "copy", "files": 3, "files_done": 1, "targets": []}')
    (job / "contents.json").write_text(
        '{"summary": "ARRI reel folder, camera A, reel A014, 3 clips", "problems": ["no A014C003: deleted"],'
        ' "warnings": ["24 fps, the production is 23.976", 7, null]}'
    )
    async with at_work(cart, size=(120, 40)) as at:
        await open_offload(at)
        await at.until(lambda: bool(offload_screen(at).looks.jobs))
        await at.press("down")
        await at.until(lambda: "camera A, reel A014, 3 clips" in at.drawn())
        assert "no A014C003: deleted" in at.drawn()
        assert "WARNING: 24 fps, the production is 23.976" in at.drawn()
        (job / "contents.json").write_text('{"summary": 7, "problems": {}, "warnings": "x"')
        await at.until(lambda: "A014, 3 clips" not in at.drawn())


async def test_a_killed_copy_is_shown_stopped_and_goes_on_with_the_same_targets(cart: Cart, tmp_path: Path) -> None:
    job = jobs_folder(os.environ) / "1"
    job.mkdir(parents=True)
    (job / "job.json").write_text(
        '{"id": "1", "card": "/media/A014", "label": "A014", "fingerprint": "f", "folders": ["/x/one/A014", "/y/A014"],'
        ' "source_check": "reread", "started_ns": 1, "pid": 1}'
    )
    async with at_work(cart, size=(120, 40)) as at:
        await open_offload(at)
        await at.until(lambda: bool(offload_screen(at).looks.jobs))
        await at.press("down")
        await at.until(lambda: "stopped" in at.drawn())
        assert asked_targets(offload_screen(at).looks.jobs[0], ()) == "/x/one, /y"
        named = (_target("raid", "/x", "{day}/{roll}"), _target("lto", "/y", ""), _target("nas", "/y", "{roll}/x"))
        assert asked_targets(offload_screen(at).looks.jobs[0], named) == "raid, lto", (
            "their disks are looked after by their names"
        )
        other = (_target("raid", "/x", "{day}/{camera}/{roll}"),)
        assert asked_targets(offload_screen(at).looks.jobs[0], other) == "/x/one, /y", (
            "a folder that its template does not make"
        )
        await at.press("ctrl+x")
        assert "No running copy" in at.status
        await at.press("enter")
        assert "copy /media/A014 to" in at.line("#entry-frame")
        await at.press("escape", "ctrl+d")
        assert "again takes the stopped copy of A014 off the list" in at.status
        await at.press("ctrl+d")
        await at.until(lambda: "A014 is off the list" in at.status and not offload_screen(at).looks.jobs)
        assert main(["jobs", "dismiss", "A014"]) == 0
        (job / "job.json").write_text((job / "job.json").read_text().replace('"pid": 1', '"pid": 2'))
        await at.until(lambda: bool(offload_screen(at).looks.jobs), "somebody went on with it")


def _remember(cart: Cart, tmp_path: Path, **more: object) -> None:
    """A card in the log whose job is gone, copied well to two folders that are there."""
    copies = []
    for disk in ("SHUTTLE", "RAID"):
        folder, manifest = tmp_path / disk / "A014", str(tmp_path / disk / "A014" / "1.mhl")
        folder.mkdir(parents=True)
        for name in ("clip", "1.mhl"):
            (folder / name).write_bytes(b"x")
        copies.append(Copy(path=str(folder), verified=1, failed=0, read_back="direct", manifest=manifest))
    card = Card(
        id="", label="A014", fingerprint="ab" * 16, files=1, size=1, verdict="safe", reasons=(), wall_ns=NOON,
        copies=tuple(copies), day=1, camera="A", clips=0,
    )  # fmt: skip
    log = cart.open()
    try:
        log.record_card(dataclasses.replace(card, **more))  # type: ignore[arg-type]  # fields of a card by name
    finally:
        log.close()


async def test_a_card_is_forgotten_with_its_job_and_cleared_by_one_letter(cart: Cart, tmp_path: Path) -> None:
    _remember(cart, tmp_path)
    async with at_work(cart, size=(200, 40)) as at:
        await open_offload(at)
        await at.until(lambda: "A014" in at.drawn())
        await at.press("down")
        await at.until(lambda: "A014 may be formatted: 2 complete copies, nobody has cleared it yet." in at.drawn())
        assert f"{tmp_path}/RAID/A014: 1 verified, read back direct, mounted" in at.drawn()
        await at.press("f", "c", "y", "d")  # no letter clears a card
        assert not at.app.screen.query_one(EntryLine).display
        await at.press("ctrl+f", "enter")  # and no name is no name
        assert "Nothing was typed" in at.status
        await at.press("ctrl+f")
        assert "clear A014 for formatting, says" in at.line("#entry-frame")
        await at.type("Maya")
        await at.press("enter")
        await at.until(lambda: "cleared by Maya" in at.drawn())
        assert at.status == "A014 is cleared for formatting by Maya."
        await at.press("ctrl+f")
        assert "NOT cleared any more" in at.line("#entry-frame")
        await at.press("escape")
        await at.press("ctrl+f")
        await at.type("Noor")
        await at.press("enter")
        await at.until(lambda: "nobody has cleared it yet" in at.drawn())


async def test_copies_of_other_productions_stand_before_the_cards_of_this_one(cart: Cart, tmp_path: Path) -> None:
    """The journals are those of the whole machine: after a week they fill the list."""
    _remember(cart, tmp_path)
    for number in range(3):
        elsewhere = tmp_path / f"B00{number}"
        elsewhere.mkdir()
        (elsewhere / "one.mov").write_bytes(bytes([number]) * 100)
        targets = [tmp_path / f"disk{each}" / f"B00{number}" for each in (1, 2)]
        for target in targets:
            target.mkdir(parents=True)
        assert main(["offload", str(elsewhere), *map(str, targets), "--progress", "none"]) == 0
    async with at_work(cart, size=(120, 40)) as at:
        await open_offload(at)
        await at.until(lambda: "B000" in at.drawn() and "A014" in at.drawn())
        drawn = at.drawn()
        assert drawn.index("A014") < drawn.index("B002")
        await at.press("down")
        await at.until(lambda: "A014 may be formatted" in at.drawn())


async def test_copy_of_another_production_that_was_found_bad_is_shown_as_its_job_ended(
    cart: Cart, tmp_path: Path
) -> None:
    for card in ("B001", "B002"):
        (tmp_path / card).mkdir()
        (tmp_path / card / "one.mov").write_bytes(card.encode())
        targets = [tmp_path / disk / card for disk in ("RAID", "SHUTTLE")]
        for target in targets:
            target.mkdir(parents=True)
        assert main(["offload", str(tmp_path / card), *map(str, targets), "--progress", "none"]) == 0
    for job in look(jobs_folder(os.environ)):  # as if on disks of their own
        result = json.loads((job.folder / "result.json").read_text())
        (job.folder / "result.json").write_text(json.dumps(result | {"verdict": "safe", "reasons": []}))
    bad = tmp_path / "SHUTTLE" / "B002" / "B002"
    (bad / "one.mov").write_bytes(b"BOO2")
    assert main(["verify", str(bad)]) == 11
    async with at_work(cart, size=(160, 40)) as at:
        await open_offload(at)
        await at.until(lambda: "B002" in at.drawn())
        states = [(entry.label, entry.state) for entry in offload_screen(at).looks.listed()]
        assert states == [("B002", "not safe"), ("B001", "safe")], "it was never shown otherwise"
        await at.press("down")
        await at.until(lambda: "COPIES: NOT SAFE any more" in at.drawn())
        assert f"{bad}: 1 file failed when it was verified" in "".join(at.drawn().split("\n")).replace("│", "")


async def test_a_gap_is_cleared_without_a_reason(cart: Cart, tmp_path: Path) -> None:
    log = cart.open()
    log.set_next(Next(rolls={"A": "A014"}))
    take = log.roll(cart.stamp())
    cart.clock.advance(20)
    log.cut(take.id, cart.stamp())
    log.close()
    _remember(cart, tmp_path)
    async with at_work(cart, size=(120, 40)) as at:
        await open_offload(at)
        await at.until(lambda: "A014" in at.drawn())
        await at.press("down")
        await at.until(lambda: "Do NOT format A014: 42A/1 A has no clip on it." in at.drawn())
        await at.press("ctrl+f")
        await at.type("Maya")
        await at.press("enter")
        assert "42A/1 A has no clip on it, because" in at.line("#entry-frame")
        await at.press("enter")
        assert "Nothing was typed" in at.status
        await at.press("ctrl+f")
        await at.type("Maya")
        await at.press("enter")
        await at.type("A was not loaded")
        await at.press("enter")
        await at.until(lambda: "1 explained by a person, cleared by Maya" in " ".join(at.drawn().split()))


async def test_bad_copies_are_cleared_on_theoffload_screen(cart: Cart, tmp_path: Path) -> None:
    _remember(cart, tmp_path, verdict="not safe", reasons=("there is 1 of 2 copies \x1b[31m",))
    async with at_work(cart, size=(80, 24)) as at:
        await open_offload(at)
        await at.until(lambda: "A014" in at.drawn())
        await at.press("down")
        await at.until(lambda: "COPIES: NOT SAFE" in at.drawn())
        await at.press("ctrl+f")
        assert "Bad copies are never cleared." in at.status
        assert not at.app.screen.query_one(EntryLine).display
        assert "\x1b" not in at.drawn()
