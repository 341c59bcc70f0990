"""What may go wrong on an offload report: a card called safe, a clip left out, a picture that costs the whole paper."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from logging_db.logbook import SqliteLogbook, log_in_memory
from onset.clock import ManualClock
from onset.domain.camera import LinkState
from onset.domain.card import Card, Copy, FoundBad
from onset.errors import MediumError
from onset.logbook.terms import LookedAt, Next
from onset.media import MediaFrame, MediaInfo
from onset.reconcile.card import card_verdicts
from onset.reports.html import sections_html
from onset.reports.offload import OffloadReport
from onset.reports.offload_day import CopyRun, offload_report
from onset.reports.paper import write_report
from onset.reports.pdf import sections_pdf
from onset.reports.section import SectionPaper
from onset.reports.text import sections_text
from tests.logging_db.originals import a_clip, a_sound
from tests.logging_db.support import NOON, OnSet
from tests.needs import require

# One grey pixel, as an encoder writes it.
JPEG = bytes.fromhex(
    "ffd8ffe000104a46494600010100000100010000ffdb004300030202020202030202020303030304060404040404080606050609080a0a090809"
    "090a0c0f0c0a0b0e0b09090d110d0e0f101011100a0c12131210130f101010ffc9000b080001000101011100ffcc000600101005ffda0008010100"
    "003f00d2cf20ffd9"
)
COPIES = (
    Copy(path="/media/SHUTTLE/A014", verified=41, failed=0, read_back="direct", manifest="/m/0001_A014.mhl", disk="S1"),
    Copy(path="/media/RAID/A014", verified=41, failed=0, read_back="direct", manifest="/m/0001_A014.mhl", disk="R1"),
)


class Stills:
    """Decodes what lies on the shuttle or the raid, as told."""

    def __init__(self, *good: str) -> None:
        self._good = good
        self.asked: list[str] = []

    def probe(self, path: Path) -> MediaInfo:
        raise MediumError(f"{path} is not looked at")

    def frame(self, path: Path, at: int, width: int | None = None) -> MediaFrame:
        raise MediumError(f"{path} is not looked at")

    def jpeg(self, path: Path, at: int, width: int | None = None) -> bytes:
        self.asked.append(str(path))
        if not str(path).startswith(self._good):
            raise MediumError(f"{path} cannot be decoded")
        return JPEG


@pytest.fixture
def log(tmp_path: Path) -> Iterator[SqliteLogbook]:
    clock = ManualClock(wall_ns=NOON)
    log = log_in_memory(rate="25", folder=tmp_path, clock=clock)
    on_set = OnSet(log, clock)
    log.set_next(Next(slate="42C", cameras={"A": True}))
    on_set.shoot()
    yield log
    log.close()


def a_card(log: SqliteLogbook, **fields: object) -> Card:
    plain = Card(
        id="", label="A014", fingerprint="f" * 64, files=41, size=64_000_000_000, verdict="safe", reasons=(),
        wall_ns=NOON, copies=COPIES, day=1, camera="A", reel="A014", clips=2,
    )  # fmt: skip
    return log.record_card(replace(plain, **fields))  # type: ignore[arg-type]  # fields of Card, by name


def report(log: SqliteLogbook, **more: object) -> OffloadReport:
    verdicts = card_verdicts(log, log.cards(), as_of_ns=NOON, mounted=lambda _: True)
    return offload_report(log, 1, verdicts, **more)  # type: ignore[arg-type]  # as the function takes them


def plain(page: bytes) -> str:
    return " ".join(page.decode().replace("&#39;", "'").split())


@pytest.mark.parametrize("make", [sections_html, sections_text])
def test_what_a_producer_asks_for_is_on_the_paper(log: SqliteLogbook, make: Callable[[SectionPaper], bytes]) -> None:
    card = a_card(log)
    log.bring_in([a_clip(7, card=card.id), a_clip(8, card=card.id, unreadable="its index is gone")])
    clip = next(each for each in log.media() if each.name.startswith("A014C007"))
    log.decide_link(log.find_take("42C/1").id, clip.id, LinkState.CONFIRMED)
    gaps = ["A014C006 is not on it"]
    page = plain(make(report(log, run=lambda _: CopyRun(NOON, 320.0), gaps=lambda _: gaps)))
    for words in (
        *("A014", "camera A", "41", "64.0 GB", "in 5:20 (200.0 MB/s)"),
        *("/media/SHUTTLE/A014", "/media/RAID/A014", "direct", "0001_A014.mhl"),
        *(clip.name, "10:00:00:00", "0:10", "4.0 GB", "42C/1", clip.digest or "?", "its index is gone"),
        "A014C006 is not on it",
    ):
        assert words in page


def test_card_that_is_not_safe_is_a_warning_with_its_reasons(log: SqliteLogbook) -> None:
    a_card(log, verdict="not safe", reasons=("A014C007 could not be read",))
    made = report(log)
    assert made.warnings == ("A014 must not be formatted.",)
    assert "A014C007 could not be read" in plain(sections_text(made))
    assert dict(made.facts)["Safe or cleared"] == "0"
    a_card(log, verdict="not safe", reasons=("A014C001 could not be read",), fingerprint="e" * 64)
    assert sorted(report(log).warnings) == [
        f"A014 ({'e' * 8}) must not be formatted.",
        f"A014 ({'f' * 8}) must not be formatted.",
    ]


def test_copy_that_was_found_bad_is_told_by_its_card_alone(log: SqliteLogbook) -> None:
    card = a_card(log, camera="")
    bad = FoundBad(what="1 file failed when it was verified", names="A014\x1bC007.mov", at_ns=NOON + 1)
    log.copies_looked_at([LookedAt(card_id=card.id, copy=card.copies[1], bad=bad)])
    (line,) = report(log).cards
    assert [copy.bad[:34] for copy in line.copies] == ["", bad.what]
    page = plain(sections_text(report(log)))
    assert page.count("A014\\x1bC007.mov") == 2, "among the reasons, and at its copy"
    assert report(log).warnings == ("A014 must not be formatted.",)


def test_state_of_a_card_that_came_back_with_more_is_history(log: SqliteLogbook) -> None:
    first = a_card(log, clips=1)
    a_card(log, fingerprint="e" * 64, files=52, clips=3, supersedes=first.id)
    assert [card.files for card in report(log).cards] == [52]


def test_speed_is_that_of_the_copy_and_not_of_what_was_verified_since(log: SqliteLogbook) -> None:
    a_card(log)
    (card,) = report(log, run=lambda _: CopyRun(NOON, 3.2, NOON + 3600 * 10**9)).cards
    assert "in 3.2 s (20.0 GB/s); verified again " in card.copied
    (card,) = report(log).cards
    assert card.copied.startswith("verified ")


def test_day_without_a_card_says_so(log: SqliteLogbook) -> None:
    assert "No card was offloaded." in plain(sections_text(report(log)))


def test_still_comes_from_a_copy_that_is_there_and_can_be_decoded(log: SqliteLogbook) -> None:
    card = a_card(log)
    log.bring_in([a_clip(7, card=card.id), a_sound(7, card=card.id)])
    reader = Stills("/media/RAID")
    made = report(log, reader=reader)
    assert [clip.still for clip in made.cards[0].clips] == [None, JPEG]  # sound has none
    away = Stills("/media/RAID")
    report(log, reader=away, mounted=lambda path: not path.startswith("/media/SHUTTLE"))
    assert (len(reader.asked), len(away.asked)) == (2, 1)


def test_picture_that_cannot_be_decoded_costs_only_itself(log: SqliteLogbook) -> None:
    card = a_card(log)
    log.bring_in([a_clip(7, card=card.id)])
    made = report(log, reader=Stills("/nowhere"))
    assert [clip.still for clip in made.cards[0].clips] == [None]
    assert sections_pdf(made) == sections_pdf(report(log))


def test_page_shows_its_stills_and_loads_nothing(log: SqliteLogbook) -> None:
    card = a_card(log)
    log.bring_in([a_clip(number, card=card.id) for number in range(3)])
    page = sections_html(report(log, reader=Stills("/media"))).decode()
    assert page.count('<img src="data:image/jpeg;base64,') == 3
    assert "img-src data:" in page
    assert "http" not in page.replace("http-equiv", "")


def test_same_day_is_the_same_file(log: SqliteLogbook) -> None:
    card = a_card(log)
    log.bring_in([a_clip(number, card=card.id) for number in range(40)])
    made = [sections_pdf(report(log, reader=Stills("/media"))) for _ in range(2)]
    assert made[0] == made[1]


@pytest.mark.real
def test_another_program_finds_a_still_beside_each_clip(log: SqliteLogbook, tmp_path: Path) -> None:
    require("pdfimages", "poppler-utils is not installed")
    card = a_card(log)
    log.bring_in([a_clip(number, card=card.id) for number in range(40)])
    path = tmp_path / "offload.pdf"
    path.write_bytes(sections_pdf(report(log, reader=Stills("/media"))))
    listed = subprocess.run(["pdfimages", "-list", path], capture_output=True, check=True, text=True).stdout
    assert sum(" image " in line for line in listed.splitlines()) == 40
    words = subprocess.run(["pdftotext", path, "-"], capture_output=True, check=True, text=True).stdout
    assert all(a_clip(number).name in words.replace("\n", "") for number in range(40))


@pytest.mark.parametrize("make", [sections_html, sections_text])
def test_hostile_names_stay_words(log: SqliteLogbook, make: Callable[[SectionPaper], bytes]) -> None:
    name = "A014C001\x1b[31m<script>alert(1)</script>.mov"
    copies = (replace(COPIES[0], path="/media/<b>\u202e/A014", disk="\x07"),)
    card = a_card(log, label="<i>A014</i>", copies=copies)
    log.bring_in([a_clip(1, card=card.id, name=name)])
    page = make(report(log)).decode()
    assert not set(page) & set("\x1b\x07\u202e")
    assert make is sections_text or ("<script" not in page and "<b>" not in page and "<i>" not in page)


@pytest.mark.parametrize("make", [sections_html, sections_text, sections_pdf])
def test_report_replaces_the_one_of_before(
    log: SqliteLogbook, tmp_path: Path, make: Callable[[SectionPaper], bytes]
) -> None:
    path = tmp_path / "report"
    write_report(path, make(report(log)))
    a_card(log)
    write_report(path, make(report(log)))
    assert path.read_bytes() == make(report(log))
