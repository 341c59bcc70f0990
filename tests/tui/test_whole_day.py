"""A whole day of 120 takes at the script supervisor's cart, key by key through the app; then the log, field by field.

The day and what the log must say of each take stand in whole_day.txt. The day runs on a watched loop, which no key may
hold for more than 50 ms of the processor.
"""

from __future__ import annotations

import shlex
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from textual import events
from textual.keys import _character_to_key

from logging_db.logbook import open_log
from onset.domain.camera import Angle
from onset.domain.note import Audience, Note
from onset.domain.take import Kind, State, Status, Take
from onset.logbook.protocol import Logbook
from tests.tui.support import NOON, At, Set, at_work
from tui.deps import Deps
from tui.watchdog import watched_loop

TABLE = Path(__file__).with_name("whole_day.txt").read_text(encoding="utf-8")
_, MORNING, AFTERNOON = TABLE.split("\n\n")
SCENES = {
    "42A": "42",
    "42B": "42",
    "42C": "42",
    "42WT": "42",
    "43": "43",
    "43A": "43",
    "43B": "43",
    "43C": "43",
    "43D": "43",
}


# -- what others do ---------------------------------------------------------------------------------------------------


@dataclass
class Others:
    """A deck (through the capture service's seat) and an assistant with a laptop of her own."""

    at: At
    service: Logbook
    assistant: Logbook

    @property
    def last(self) -> str:
        cut = self.at.board().last_cut
        assert cut is not None
        return cut.id

    async def deck_rolls(self) -> None:
        self.service.roll(self.at.set.stamp(), by="DECK")
        await self.at.until(lambda: self.at.board().rolling is not None)

    async def deck_rolls_with_the_key(self) -> None:
        """Before this screen has seen it: the key rolls nothing twice."""
        self.service.roll(self.at.set.stamp(), by="DECK")
        assert self.at.board().rolling is None
        self.at.log.roll_or_cut()

    async def deck_cuts_with_the_key(self) -> None:
        """Before this screen has seen it: the key cuts nothing else, and rolls nothing."""
        rolling = self.at.board().rolling
        assert rolling is not None
        self.service.cut(rolling.id, self.at.set.stamp(), by="DECK")
        self.at.log.roll_or_cut()

    async def assistant_notes(self) -> None:
        take = self.last
        self.assistant.note(take, "light on the lens")
        self.assistant.tag(take, add=["best", "push"])
        await self.at.until(lambda: self.at.board().last_cut is not None and bool(self._last_cut.tags))

    async def assistant_holds(self) -> None:
        self.assistant.set_take(self.last, {"status": "hold"})
        await self.at.until(lambda: self._last_cut.status is Status.HOLD)

    @property
    def _last_cut(self) -> Take:
        cut = self.at.board().last_cut
        assert cut is not None
        return cut


@dataclass
class LongDay(Set):
    """A set whose machine goes down at lunch while a take rolls."""

    went_down: bool = False

    def deps(self) -> Deps:
        def broken_off(log: Logbook) -> list[Take]:
            rolling = log.board("Main").rolling
            return [rolling] if self.went_down and rolling is not None else []

        return replace(super().deps(), broken_off=broken_off)


# -- playing the keys -------------------------------------------------------------------------------------------------


def _seconds(label: str) -> int:
    """Since noon, of 13:05 or 13:05:20."""
    hours, minutes, *rest = map(int, label.split(":"))
    return (hours - 12) * 3600 + minutes * 60 + (rest[0] if rest else 0)


async def _press(at: At, key: str) -> None:
    """As a pilot does; but that waits after each key until the processor rests, half a minute in a day."""
    driver = at.app._driver
    assert driver is not None
    sign = len(key) == 1 and not key.isalnum()
    character = " " if key == "space" else key if len(key) == 1 else None
    event = events.Key(_character_to_key(key) if sign else key, character)
    event.set_sender(at.app)
    driver.send_message(event)
    await at.pilot.pause(0)
    await at.until(lambda: at.app.hand.idle)


async def _play(at: At, others: Others, rows: str) -> None:
    """Do what stands before `=>`."""
    for row in filter(None, rows.splitlines()):
        moment, *steps = shlex.split(row.split("=>")[0]) or [""]
        if moment:
            at.later(_seconds(moment) - (at.clock.wall_ns() - NOON) / 1_000_000_000)
        keys: list[str] = []
        for step in [*steps, "."]:
            if step.startswith("="):
                keys += ["space" if each == " " else each for each in step[1:]]
            elif step != "." and not step.startswith(("+", "@")):
                keys.append(step)
            else:
                for key in keys:
                    await _press(at, key)
                await at.settled()
                keys.clear()
                if step.startswith("+"):
                    at.later(int(step[1:]))
                elif step.startswith("@"):
                    await getattr(others, step[1:])()
                    await at.settled()


# -- what the log must say --------------------------------------------------------------------------------------------


def _expected(rows: str) -> dict[str, str]:
    """By label, in one spelling."""
    found = (" ".join(row.split("=>")[1].split()) for row in rows.splitlines() if "=>" in row)
    return {row.split(" ")[0]: row for row in found}


def _angle(angle: Angle) -> str:
    late = f"<{angle.start[:-3]}" if angle.start else ""
    early = f">{angle.end[:-3]}" if angle.end else ""
    return f"{angle.camera}:{angle.roll or '-'}{late}{early}"


def _note(note: Note) -> str:
    what = "mark" if note.mark else "note"
    who = "" if note.author == "maya" else f" {note.author}"
    whom = "" if note.audience is Audience.EDITOR else f" {note.audience}"
    words = f" {note.text}" if note.text else ""
    colon = ":" if who or whom else ""
    return f"{what}{f'@{note.tc[:-3]}' if note.tc else ''}{who}{whom}{colon}{words}"


def _said(take: Take) -> str:
    """A take as the table writes it."""
    runs = [f"run {(run.action or '-')[:-3]}-{(run.cut or '')[:-3]}" for run in take.runs]
    single = len(take.runs) == 1 and take.runs[0].cut == take.tc_out and take.state is State.CUT
    words = [
        "" if take.kind is Kind.NORMAL else str(take.kind),
        "" if take.status is Status.NONE else f"{take.status} {take.status_reason or ''}".strip(),
        "" if take.state is State.CUT else str(take.state),
        *([] if single else runs),
        "tail slate" if take.tail_slate else "",
        "mos" if take.mos else "",
        f"slated {take.slated_as}" if take.slated_as else "",
        *map(_note, take.notes),
        f"tags {' '.join(sorted(take.tags))}" if take.tags else "",
        f"rolled by {take.rolled_by}" if take.rolled_by else "",
        f"cut by {take.cut_by}" if take.cut_by else "",
        "added" if take.added else "",
        *(f"{each.camera} {' '.join(each.data.said().values())}" for each in take.angles if each.data.said()),
    ]
    times = [label[:-3] if label else "-" for label in (take.tc_in, take.tc_out)]
    frames = ["-" if each is None else str(each) for each in (take.duration_frames, take.timing_frames)]
    action = take.runs[0].action if take.runs else None
    return " ".join(
        [
            *(take.label, *times, *frames, action[:-3] if action else "-", "|"),
            *map(_angle, take.angles),
            *("|", take.sound_roll or "-", "|", "; ".join(filter(None, words))),
        ]
    ).strip()


@pytest.mark.usefixtures("nothing_else_is_collected")
@pytest.mark.timeout(300)
def test_a_day_of_120_takes(tmp_path: Path) -> None:
    place = LongDay(tmp_path)
    held: list[str] = []
    found: dict[str, Take] = {}

    async def day(service: Logbook, assistant: Logbook) -> None:
        async with at_work(place) as at:
            await _play(at, Others(at, service, assistant), "12:01 r 1 r 2 r 0")  # rolls are loaded
            await _play(at, Others(at, service, assistant), MORNING)
            assert not at.app.is_running
        place.went_down = True
        async with at_work(place) as at:
            await _play(at, Others(at, service, assistant), AFTERNOON)
            found.update(await at.takes())

    with (
        closing(place.open(role="capture")) as service,
        closing(open_log(tmp_path / "log.onset", role="assistant", user="jo", clock=place.clock)) as assistant,
        watched_loop(lambda each: held.append(str(each)), of_cpu=True) as loop,
    ):
        loop.run_until_complete(day(service, assistant))
    expected = _expected(MORNING) | _expected(AFTERNOON)
    assert {label: _said(take) for label, take in found.items()} == expected
    assert len(expected) == 120
    for take in found.values():
        assert (take.unit, take.day, take.episode, take.scene) == ("Main", 1, None, take.slate[:2])
        assert (take.tc_source, take.tc_out_source) == ("clock", None if take.tc_out is None else "clock")
        assert not any((take.duplicate, take.deleted, take.elsewhere, take.description, take.ratings, take.sound))
    assert not held
