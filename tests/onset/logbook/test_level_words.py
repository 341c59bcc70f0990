"""Levels in words: each with its own track's name, on every face of the program."""

from __future__ import annotations

from dataclasses import replace

from onset.cli.log_lines import whole_take
from onset.domain.sound import SoundFile, SoundTake
from onset.domain.take import State, Status, Take
from onset.logbook.level_words import level_words
from onset.reconcile.board import TakeClaims
from tui.review_page import detail_items
from tui.widgets.claims_row import ReviewRow

FILE = SoundFile(
    id="s", name="42C-3_MIX.wav", path="media/day01/42C-3_MIX.wav", device="MIX", tc_in="10:00:00:00",
    tc_source="MIX.ltc", rate="25", duration_frames=250, tracks=("boom", "lav\x1b[2J"), peak_db=(-3.1, -200.0),
    rms_db=(-24.0, -200.0),
)  # fmt: skip
TAKE = Take(
    id="a" * 32, unit="Main", day=1, episode=None, scene="42", slate="42C", take="3", ordinal=3, arrival=1,
    state=State.CUT, rate="25", rolled_ns=1_780_000_000_000_000_000, duration_frames=100,
    sound=(SoundTake(device="MIX", files=(FILE,)),),
)  # fmt: skip


def test_level_is_said_of_the_wrong_track_or_of_none() -> None:
    assert level_words(FILE) == ["boom peak -3.1 rms -24.0 dBFS", "lav\x1b[2J nothing at all"]
    assert level_words(replace(FILE, tracks=())) == ["track 1 peak -3.1 rms -24.0 dBFS", "track 2 nothing at all"]
    assert level_words(replace(FILE, peak_db=(), rms_db=())) == []


def test_levels_are_not_shown_with_the_take() -> None:
    assert "    boom peak -3.1 rms -24.0 dBFS, lav\x1b[2J nothing at all" in whole_take(TAKE)


def test_levels_are_not_shown_in_review() -> None:
    claims = TakeClaims(
        take_id=TAKE.id, label="42C/3", scene="42", state=State.CUT, status=Status.NONE, kind=TAKE.kind, claims=(),
        differences=(),
    )  # fmt: skip
    row = ReviewRow("take:a", claims=claims, take=TAKE)
    _, items = detail_items(row, 80)
    assert "       MIX recorded: boom peak -3.1 rms -24.0 dBFS, lav\x1b[2J nothing at all" in [
        item.text for item in items
    ]
