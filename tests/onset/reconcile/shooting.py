"""A shooting day in a real log in memory, made in a few words: takes, clips, sound, reports. For the tests here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path

from logging_db.logbook import SqliteLogbook, log_in_memory
from onset.clock import ManualClock
from onset.domain.camera import Clip, Source
from onset.domain.claim import Claim, ClaimSource
from onset.domain.production import SlatingSystem
from onset.domain.sound import SoundFile
from onset.domain.take import Stamp, Take
from onset.logbook.terms import UNSET, Next
from onset.reconcile.board import Board, Difference
from onset.reconcile.compare import board_of
from onset.reconcile.day import bring_up_to_date
from onset.timecode import Timecode, rate

MIDNIGHT = 1_780_012_800_000_000_000  # 2026-05-29 00:00 UTC; tests run in UTC
DATE = "2026-05-29"
RATE = rate("25")
NS = 1_000_000_000


def digest(name: str) -> str:
    return f"xxh128:{sha256(name.encode()).hexdigest()[:32]}"


def label(seconds: float) -> str:
    return Timecode.at(seconds % 86_400, RATE).label


@dataclass
class Shooting:
    """A log and the seconds of its day."""

    log: SqliteLogbook
    clock: ManualClock
    day: int = 1
    takes: list[Take] = field(default_factory=list)

    def stamp(self, seconds: float) -> Stamp:
        wall_ns = MIDNIGHT + (self.day - 1) * 86_400 * NS + round(seconds * NS)
        return Stamp(wall_ns=wall_ns, mono_ns=round(seconds * NS), boot="b", tc=label(seconds), tc_source="MIX.ltc")

    def shoot(
        self,
        slate: str,
        at: float,
        length: float = 40.0,
        *,
        rolls: Mapping[str, str] | None = None,
        sound_roll: str = "",
        mos: bool = False,
        circled: bool = False,
    ) -> Take:
        change = Next(
            slate=slate,
            cameras=dict.fromkeys(rolls or {"A": ""}, True),
            rolls=dict(rolls or {}),
            mos=mos,
            sound_roll=sound_roll or UNSET,
        )
        take = self.log.roll(self.stamp(at), change=change)
        self.log.cut(take.id, self.stamp(at + length))
        if circled:
            self.log.set_take(take.id, {"status": "circled"})
        found = self.log.take(take.id)
        assert found is not None
        self.takes.append(found)
        return found

    def clip(self, name: str, at: float | None, length: float = 44.0, **more: object) -> Clip:
        fields: dict[str, object] = {
            "camera": name[0],
            "reel": name[:4],
            "card": None,
            "number": int(name[5:8]),
            "day": self.day,
            "digest": digest(name),
            "path": f"/media/SHUTTLE/{name[:4]}/{name}.mov",
        }
        fields |= more
        return Clip(
            id="",
            name=f"{name}.mov",
            tc_in=None if at is None else label(at),
            tc_source="file",
            rate="25",
            duration_frames=None if at is None else round(length * 25),
            source=Source.CARD,
            **fields,  # type: ignore[arg-type]  # the fields of a clip, by name
        )

    def sound(self, name: str, at: float, length: float = 50.0, **more: object) -> SoundFile:
        fields: dict[str, object] = {"day": self.day, "roll": "260529", "digest": digest(name)}
        fields |= more
        return SoundFile(
            id="",
            name=f"{name}.wav",
            path=f"/media/SHUTTLE/sound/{name}.wav",
            device="MIXPRE",
            tc_in=label(at),
            tc_source="file",
            rate="25",
            duration_frames=round(length * 25),
            samples=round(length * 48_000),
            sample_rate=48_000,
            source=Source.FOLDER,
            **fields,  # type: ignore[arg-type]  # the fields of a sound file, by name
        )

    def bring(self, *media: Clip | SoundFile) -> None:
        self.log.bring_in(media)

    def report(self, *rows: Claim, name: str = "report.csv") -> None:
        numbered = [replace(row, row=number) for number, row in enumerate(rows, 1)]
        self.log.take_claims(rows[0].source, name, "Main", self.day, numbered)

    def row(self, source: ClaimSource, slate: str, take: str, **more: object) -> Claim:
        fields: dict[str, object] = {"device": "A" if source is ClaimSource.CAMERA else "MIXPRE", "rate": "25"} | more
        return Claim(
            id="", source=source, report="report.csv", row=1, unit="Main", day=self.day, slate=slate, take=take,
            **fields,  # type: ignore[arg-type]  # the fields of a row, by name
        )  # fmt: skip

    def match(self) -> int:
        return bring_up_to_date(self.log, "Main", self.day)

    def board(self) -> Board:
        self.match()
        return board_of(self.log, "Main", self.day)

    def media_id(self, name: str) -> str:
        return next(one.id for one in self.log.media() if one.name.startswith(name))

    def links(self) -> dict[tuple[str, str], str]:
        """(take's label, file's name) → state, of the day."""
        names = {one.id: one.name for one in self.log.media()}
        takes = {take.id: take.label for take in self.log.takes()}
        return {
            (takes[link.take_id], names[link.media_id]): str(link.state)
            for day in self.log.days()
            for link in self.log.links(day=day.number)
            if link.media_id in names
        }


def new_shooting(folder: Path, *, slating: SlatingSystem = "us") -> Shooting:
    clock = ManualClock(wall_ns=MIDNIGHT + 12 * 3600 * NS, monotonic_ns=NS)
    log = log_in_memory(rate="25", slating=slating, folder=folder, clock=clock)
    log.open_day("Main", 1, DATE)
    return Shooting(log, clock)


def of_field(board: Board, field: str) -> list[Difference]:
    return [one for one in board.differences if one.field == field]
