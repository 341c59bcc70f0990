"""A shooting day with cards in a log, for tests about a card's verdict and about files that cannot be read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from logging_db.logbook import SqliteLogbook, log_in_memory
from onset.clock import ManualClock
from onset.domain.camera import Clip, LinkState, Source
from onset.domain.card import Card, Copy
from onset.domain.take import Stamp, Take
from onset.logbook.terms import Next, WantedLink
from onset.reconcile.board import CardVerdict
from onset.reconcile.card import card_verdict

NOON = 1_780_056_000_000_000_000  # 2026-05-29 12:00 UTC
SHUTTLE, RAID = "/media/SHUTTLE/A014", "/media/RAID/A014"


@dataclass
class Day:
    """A day of slate 42C on cameras A and B, roll A014 and B007."""

    folder: Path
    clock: ManualClock = field(default_factory=lambda: ManualClock(wall_ns=NOON, monotonic_ns=5_000_000_000_000))
    there: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.log: SqliteLogbook = log_in_memory(folder=self.folder, clock=self.clock)
        self.rolls({"A": "A014", "B": "B007"})

    def rolls(self, rolls: Mapping[str, str]) -> None:
        cameras = dict.fromkeys(rolls, True)
        self.log.set_next(Next(scene="42", slate="42C", cameras=cameras, rolls=rolls))

    def stamp(self) -> Stamp:
        return Stamp(wall_ns=self.clock.wall_ns(), mono_ns=self.clock.monotonic_ns(), boot="one")

    def shoot(self) -> Take:
        take = self.log.roll(self.stamp())
        self.clock.advance(30)
        cut = self.log.cut(take.id, self.stamp())
        self.clock.advance(60)
        return cut

    def card(
        self, label: str = "A014", *, fingerprint: str = "f1" * 16, clips: int | None = 0, **other: object
    ) -> Card:
        """An offload that went well, to two disks, both plugged in."""
        copies = tuple(
            Copy(path=f"/media/{disk}/{label}", verified=9, failed=0, read_back="direct", manifest=f"/m/{disk}/{label}")
            for disk in ("SHUTTLE", "RAID")
        )
        self.there |= {
            part for copy in copies for part in (copy.path, str(copy.manifest), copy.path.rpartition("/")[0])
        }
        card = Card(
            id="",
            label=label,
            fingerprint=fingerprint,
            files=9,
            size=1000,
            verdict="safe",
            reasons=(),
            wall_ns=self.clock.wall_ns(),
            copies=copies,
            day=1,
            camera=label[0],
            reel=label,
            clips=clips,
        )
        return self.log.record_card(replace(card, **other))  # type: ignore[arg-type]  # fields of a card by name

    @staticmethod
    def failed(card: Card) -> Card:
        """The same card, whose second copy is not whole."""
        return replace(card, copies=(card.copies[0], replace(card.copies[1], verified=8, failed=1)))

    def clip(self, card: Card, number: int, *take: Take, unreadable: str = "", **link: object) -> Clip:
        """A clip of a card, linked to takes."""
        name = f"{card.label}C{number:03d}"
        clip = Clip(
            id="",
            name=f"{name}.mov",
            path=f"/media/SHUTTLE/{card.label}/{name}.mov",
            camera=card.camera,
            tc_in=None,
            tc_source=None,
            rate="24",
            duration_frames=None if unreadable else 720,
            source=Source.CARD,
            card=card.id,
            day=1,
            reel=card.label,
            number=number,
            size=1000 + number,
            digest=None if unreadable else f"xxh128:{number:032x}",
            unreadable=unreadable,
        )
        self.log.bring_in([clip])
        found = next(each for each in self.log.media() if each.name == clip.name and each.card == card.id)
        assert isinstance(found, Clip)
        links = [self._wanted(each, found, **link) for each in take]  # type: ignore[arg-type]  # fields of a link by name
        self.wanted = [*getattr(self, "wanted", []), *links]
        written = self.log.write_links("Main", 1, self.wanted, seen=self.log.arrival())
        assert written is not None
        return found

    @staticmethod
    def _wanted(take: Take, clip: Clip, state: LinkState = LinkState.CONFIRMED, question: str = "") -> WantedLink:
        return WantedLink(
            take_id=take.id, media_id=clip.id, state=state, method="time", evidence="offset +1 s", question=question
        )

    def verdict(self, card: Card) -> CardVerdict:
        newest = next(each for each in self.log.cards() if each.id == card.id)
        return card_verdict(self.log, newest, as_of_ns=self.clock.wall_ns(), mounted=lambda path: path in self.there)
