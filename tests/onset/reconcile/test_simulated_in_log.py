"""Simulated days put into a real log: what the matcher finds must survive the way through labels, frames and rows.

The days and their truth are those of the matcher's own tests; here they are rolled, cut, brought in and read again.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from random import Random

import pytest

from logging_db.logbook import SqliteLogbook, log_in_memory
from onset.clock import ManualClock
from onset.domain.camera import Clip, LinkState, Source
from onset.domain.claim import Claim, ClaimSource
from onset.domain.sound import SoundFile
from onset.domain.take import Kind, Stamp
from onset.logbook.terms import Next
from onset.match.found import Evidence, Found, FoundLink
from onset.match.observed import LoggedTake, Medium, Side
from onset.match.solve import Matcher
from onset.reconcile.compare import board_of
from onset.reconcile.day import bring_up_to_date
from onset.timecode import Timecode, rate
from tests.onset.match.scoring import score
from tests.onset.match.simulated_day import SimulatedDay, simulate
from tests.onset.reconcile.shooting import DATE, MIDNIGHT, NS

RATE = rate("23.976")
_PIECES = 4
FAULTS = (
    *("none", "logger off hours", "no labels", "midnight", "sound pre-record declared", "rolled again"),
    *("cameras not noted", "wrong rolls", "mis-slated, noticed", "reports with errors", "rows typed afterwards"),
)


def label(seconds: float | None) -> str | None:
    """The nearest frame: simulated labels are whole frames already, in floating point."""
    if seconds is None:
        return None
    return Timecode(round(seconds * RATE.fps) % RATE.frames_a_day, RATE).label


class Told:
    """A simulated day in a log: all at once, or with `mixed` in pieces, matched after each."""

    def __init__(self, day: SimulatedDay, folder: Path, *, mixed: int | None = None) -> None:
        self.day = day
        self.log: SqliteLogbook = log_in_memory(
            rate="23.976", folder=folder, clock=ManualClock(wall_ns=MIDNIGHT, monotonic_ns=NS)
        )
        self.log.open_day("Main", 1, DATE)
        self.takes: dict[str, str] = {}  # the log's id → the simulation's
        takes = sorted(day.observed.takes, key=lambda take: take.wall_s)
        media = list(day.observed.media)
        if mixed is None:
            self._tell(takes, media)
            self._report()
            return
        Random(mixed).shuffle(media)
        matcher = Matcher()
        self._report()
        for piece in range(_PIECES):
            self._tell(
                takes[piece * len(takes) // _PIECES : (piece + 1) * len(takes) // _PIECES],
                media[piece * len(media) // _PIECES : (piece + 1) * len(media) // _PIECES],
            )
            bring_up_to_date(self.log, "Main", 1, matcher)

    def _tell(self, takes: Sequence[LoggedTake], media: Sequence[Medium]) -> None:
        for take in takes:
            self._log(take)
        self.log.bring_in([self._clip(one) if one.side is Side.PICTURE else self._sound(one) for one in media])

    def _report(self) -> None:
        rows = [
            Claim(
                id="", source=ClaimSource.CAMERA if one.side is Side.PICTURE else ClaimSource.SOUND,
                report="report.csv", row=number, unit="Main", day=1, device=one.device, slate=one.slate,
                take=one.take, clip=one.name, roll=one.roll,
            )
            for number, one in enumerate(self.day.observed.said, 1)
        ]  # fmt: skip
        for source in ClaimSource:
            self.log.take_claims(source, "report.csv", "Main", 1, [row for row in rows if row.source is source])

    def _log(self, take: LoggedTake) -> None:
        def stamp(wall_s: float, label_s: float | None) -> Stamp:
            wall_ns = MIDNIGHT + round(wall_s * NS)
            return Stamp(wall_ns=wall_ns, mono_ns=wall_ns, boot="b", tc=label(label_s), tc_source=take.label_source)

        rolls = {camera: says.roll for camera, says in take.cameras.items() if says.roll}
        begins = stamp(take.wall_s, take.label_s)
        if take.measured:
            change = Next(
                scene=take.scene, slate=take.slate, take=take.take, mos=not take.sound,
                kind=Kind.NORMAL if take.picture else Kind.WILD_TRACK, rolls=rolls,
                cameras={camera: camera in take.cameras for camera in "AB"}, sound_roll=take.sound_roll or "1",
            )  # fmt: skip
            logged = self.log.roll(begins, change=change)
            if take.wall_end_s is None:
                self.log.interrupt(logged.id, stamp(take.wall_s + 3600, None))
            else:
                self.log.cut(logged.id, stamp(take.wall_end_s, take.label_end_s))
        else:
            length = None if take.wall_end_s is None else round((take.wall_end_s - take.wall_s) * RATE.fps)
            logged = self.log.add_take(
                slate=take.slate, take=take.take, stamp=begins, scene=take.scene, duration_frames=length,
                fields={"mos": int(not take.sound), "kind": str(Kind.NORMAL if take.picture else Kind.WILD_TRACK)},
            )  # fmt: skip
            for camera in take.cameras:
                self.log.set_angle(logged.id, camera, {"roll": rolls.get(camera)})
        if take.slated_as:
            self.log.set_take(logged.id, {"slated_as": take.slated_as})
        self.takes[logged.id] = take.id

    def _clip(self, one: Medium) -> Clip:
        return Clip(
            id="", name=f"{one.name}.mov", path=f"/media/{one.card}/{one.name}.mov", camera=one.device,
            tc_in=label(one.start_s), tc_source="file", rate="23.976", duration_frames=frames(one.length_s),
            source=Source.CARD, day=1, reel=one.reel, number=one.number, digest=f"xxh128:{one.id:0>32}",
            card=None, created_ns=created(one), named_scene=one.scene, named_take=one.take,
        )  # fmt: skip

    def _sound(self, one: Medium) -> SoundFile:
        return SoundFile(
            id="", name=f"{one.name}.wav", path=f"/media/{one.card}/{one.name}.wav", device=one.device,
            tc_in=label(one.start_s), tc_source="file", rate="23.976", duration_frames=frames(one.length_s),
            samples=None if one.length_s is None else round(one.length_s * 48_000), sample_rate=48_000,
            source=Source.FOLDER, day=1, roll=one.reel, digest=f"xxh128:{one.id:0>32}", created_ns=created(one),
            pre_record=round(one.ahead_s * 48_000) or None, named_scene=one.scene, named_take=one.take,
        )  # fmt: skip

    def found(self) -> Found:
        """The links of the log as the scoring wants them."""
        media = {one.id: (one.digest or "").removeprefix("xxh128:").lstrip("0") for one in self.log.media()}
        known = {one.id.lstrip("0"): one.id for one in self.day.observed.media}
        return Found(
            links=tuple(
                FoundLink(
                    take_id=self.takes[link.take_id], medium_id=known[media[link.media_id]], camera="",
                    state=link.state, method=Evidence(link.method), kinds=frozenset(), evidence=link.evidence,
                    question=link.question or None,
                )
                for link in self.log.links(day=1)
                if link.state is not LinkState.REFUSED
            )
        )  # fmt: skip


def frames(seconds: float | None) -> int | None:
    return None if seconds is None else round(seconds * RATE.fps)


def created(one: Medium) -> int | None:
    return None if one.created_s is None else MIDNIGHT + round(one.created_s * NS)


@pytest.mark.parametrize("fault", FAULTS)
def test_the_way_through_the_log_loses_nothing(tmp_path: Path, fault: str) -> None:
    told = Told(simulate(11, fault), tmp_path)
    try:
        assert bring_up_to_date(told.log, "Main", 1) > 100
        result = score(told.found(), told.day)
        assert (result.wrong, result.silent) == (0, 0), result.examples
        assert result.open <= 0.05, result
        assert bring_up_to_date(told.log, "Main", 1) == 0
        board = board_of(told.log, "Main", 1)
        assert len(board.takes) == len(told.day.observed.takes)
        noise = [one for one in board.differences if one.field in ("start", "duration")]
        assert len(noise) <= 3, "clocks that the matches found explain where files start"
        matched = {one.medium_id for one in told.found().links}
        assert len(board.strays) == len(told.day.observed.media) - len(matched)
    finally:
        told.log.close()


@pytest.mark.parametrize("fault", ["none", "reports with errors", "cameras not noted"])
def test_pieces_in_any_order_end_where_all_at_once_does(tmp_path: Path, fault: str) -> None:
    day = simulate(12, fault)
    at_once = Told(day, tmp_path)
    bring_up_to_date(at_once.log, "Main", 1)
    in_pieces = Told(day, tmp_path, mixed=5)
    try:
        assert sorted(map(repr, in_pieces.found().links)) == sorted(map(repr, at_once.found().links))
    finally:
        at_once.log.close()
        in_pieces.log.close()
