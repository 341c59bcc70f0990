"""The camera rolls of a shooting day, asked of the log and put in words: the `CameraReport` that `camera.py` sets.

Used by `onset report camera`. All words pass `safe_text` here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from onset.domain.camera import Angle, CameraData, Clip, Link, LinkState, Source
from onset.domain.card import Card, Roll
from onset.domain.scene import CameraSetup, Setup
from onset.domain.sound import SoundFile
from onset.domain.take import Status, Take
from onset.logbook.rolls import SOUND
from onset.logbook.terms import LoggedChange
from onset.logbook.totals import shot_in
from onset.media import MediaInfo
from onset.reconcile.board import Board, CardVerdict, Department, TakeClaims
from onset.reel import Confidence, read_name, same_roll
from onset.reports.camera import AngleLine, CameraReport, LooseClip, RollSheet, Settings
from onset.reports.camera_rolls import OnRoll, asked_for, loose_clips, reel_of, rolls_of_day
from onset.reports.day import DayBook, apart, day_of, local, moment, stopwatch, takes_of, totals_of, warnings_of
from onset.reports.department import card_name, condition, differences, is_of_roll
from onset.reports.files import length_of, length_together, recorded_rate
from onset.reports.linked import LinkedFiles, linked_files
from onset.reports.section import Facts
from onset.reports.take_words import flags
from onset.text import safe_text

_UNKNOWN = "?"
# What is said of the whole roll where all its takes say the same, else also at each take: name, and its label on paper.
_OF_ROLL = {
    "iso": "EI",
    "white_balance": "WB",
    "tint": "Tint",
    "shutter": "Shutter",
    "fps": "fps",
    "codec": "Codec",
    "rig": "Rig",
    "operator": "Operator",
}
_ALWAYS = ("iso", "white_balance", "shutter", "fps", "codec")  # a reader looks for them, and fills them in by pen
_IN_COLUMNS = ("lens", "stop", "filters", "nd", "focus", "height", "tilt")


class CameraBook(DayBook, Protocol):
    """The questions that this report asks; every `Logbook` answers them."""

    def setups(self, *, scene: str | None = None) -> Sequence[Setup]: ...

    def links(self, *, unit: str = "Main", day: int | None = None) -> Sequence[Link]: ...

    def media(self, *, unit: str = "Main", day: int | None = None) -> Sequence[Clip | SoundFile]: ...

    def rolls(self, *, unit: str = "Main", day: int | None = None) -> Sequence[Roll]: ...

    def cards(self) -> Sequence[Card]: ...

    def history(self, take_id: str | None = None, *, limit: int = 200) -> Sequence[LoggedChange]: ...


def camera_report(
    logbook: CameraBook,
    board: Board,
    verdicts: Sequence[CardVerdict],
    *,
    roll: str | None = None,
    camera: str | None = None,
    company: str = "",
    director: str = "",
    probe: Callable[[Clip], MediaInfo | None] = lambda _: None,
) -> CameraReport:
    """Put the camera rolls of a day in words, a sheet each, in order of camera and roll.

    Args:
        logbook: asked on the caller's thread.
        board: of the day.
        verdicts: on the day's cards.
        roll: only this one, in any spelling; None: all.
        camera: only this one's, in any case; None: all.
        company: as the configuration has it; empty leaves the line out.
        director: the same.
        probe: what a clip says of itself, where its file can be read.

    Raises:
        ReportError: no such unit or day; or no such roll or camera on it: names those there are.
    """
    unit, day = board.unit, board.day
    found = day_of(logbook, day, unit)
    takes = takes_of(logbook, day, unit)
    beside = [file for number in (day - 1, day, day + 1) for file in logbook.media(unit=unit, day=number)]
    links = [link for number in (day - 1, day, day + 1) for link in logbook.links(unit=unit, day=number)]
    rolls = [one for one in logbook.rolls(unit=unit, day=day) if one.device != SOUND]
    cards = {card.id: card for card in logbook.cards()}
    sheets = rolls_of_day(takes, rolls, loose_clips(logbook.media(unit=unit, day=day), links), cards)
    sheets = asked_for(sheets, roll, camera, day)
    of_day = {take.id for take in takes}
    words = _Words(
        files=linked_files(takes, [link for link in links if link.take_id in of_day], beside),
        setups={(one.episode, one.scene, one.slate): one for one in logbook.setups() if one.slate},
        claims={one.take_id: one for one in board.takes},
        verdicts={verdict.card_id: verdict for verdict in verdicts if not verdict.superseded},
        rolls=rolls,
        cards=list(cards.values()),
        probe=probe,
        timezone=found.timezone,
    )
    production = logbook.production()
    shown = {take.id: take for sheet in sheets for take, _ in sheet.angles}
    newest = logbook.history(limit=1)
    return CameraReport(
        title=safe_text(production.title),
        unit=safe_text(unit),
        day=day,
        date=safe_text(found.date),
        rate=production.rate.name,
        company=safe_text(company),
        director=safe_text(director),
        dp=safe_text(production.dp),
        totals=totals_of(list(shown.values())),
        warnings=tuple(warnings_of(list(shown.values()) if shown else takes, found, logbook.conflicts())),
        as_of=f"Log as of {moment(newest[0].wall_ns, found.timezone)}" if newest else "",
        asked=tuple(safe_text(each) for each in (camera, roll) if each is not None),
        rolls=tuple(words.sheet(sheet, production.rate.name) for sheet in sheets),
    )


# -- in words --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class _Words:
    """Puts a roll in words.

    Attributes:
        setups: by episode, scene and slate.
        claims: what departments say, by take.
        verdicts: by card.
        timezone: of the day.
    """

    files: LinkedFiles
    setups: Mapping[tuple[str | None, str, str], Setup]
    claims: Mapping[str, TakeClaims]
    verdicts: Mapping[str, CardVerdict]
    rolls: Sequence[Roll]
    cards: Sequence[Card]
    probe: Callable[[Clip], MediaInfo | None]
    timezone: str

    def sheet(self, sheet: OnRoll, project_rate: str) -> RollSheet:
        said = _said_of_all(angle.data for _, angle in sheet.angles)
        varying = [name for name in _OF_ROLL if len(said[name]) > 1]
        return RollSheet(
            camera=safe_text(sheet.camera),
            roll=safe_text(sheet.roll),
            about=(
                self._roll(sheet),
                self._settings(sheet, said, project_rate),
                _totals(sheet),
                self._card(sheet),
            ),
            angles=tuple(self._angle(take, angle, varying) for take, angle in sheet.angles),
            loose=tuple(_loose_line(clip) for clip in sheet.loose),
        )

    def _roll(self, sheet: OnRoll) -> Facts:
        # A label that was cleared and loaded again is another roll; of the day's the newest is meant.
        known = next((one for one in reversed(self.rolls) if sheet.roll and same_roll(one.label, sheet.roll)), None)
        bodies = dict.fromkeys(angle.data.body for _, angle in sheet.angles if angle.data.body)
        media = ", ".join(card_name(card) for card in self._cards(sheet))
        facts = [
            ("Body", safe_text(", ".join(bodies)) or _maker(sheet) or _UNKNOWN),
            ("Media", safe_text(known.serial) if known and known.serial else _UNKNOWN),
            ("Card", media or _UNKNOWN),
        ]
        if known is not None:
            facts += [(what, f"{local(at, self.timezone):%H:%M}") for what, at in _times(known) if at is not None]
            facts += [(what, safe_text(text)) for what, text in (("With", known.holder), ("Note", known.note)) if text]
        return tuple(facts)

    def _settings(self, sheet: OnRoll, said: Mapping[str, Sequence[str]], project_rate: str) -> Facts:
        originals = [clip for _, angle in sheet.angles for clip in angle.clips if _is_original(clip)]
        rates = dict.fromkeys(map(recorded_rate, originals))
        known = {name: safe_text(", ".join(values)) for name, values in said.items()}
        known["fps"] = known["fps"] or ", ".join(rates) or project_rate
        info = next((found for clip in originals if (found := self.probe(clip)) is not None), None)
        size = f"{info.width}x{info.height}" if info is not None and info.width and info.height else ""
        known["codec"] = ", ".join(filter(None, (size, known["codec"] or (safe_text(info.codec) if info else ""))))
        return tuple(
            (label, known[name] or _UNKNOWN) for name, label in _OF_ROLL.items() if known[name] or name in _ALWAYS
        )

    def _cards(self, sheet: OnRoll) -> list[Card]:
        """What it was copied as, each state that counts."""
        named = {clip.card for _, angle in sheet.angles for clip in angle.clips} | {clip.card for clip in sheet.loose}
        counted = (card for card in self.cards if card.id in self.verdicts)
        of_roll = [card for card in counted if card.id in named or is_of_roll(card, sheet.roll)]
        return sorted(of_roll, key=lambda card: card.wall_ns)

    def _card(self, sheet: OnRoll) -> Facts:
        """The condition of the roll: what may be done with it, and why."""
        cards = self._cards(sheet)
        return tuple(
            ("Condition", condition(self.verdicts[card.id], self.timezone, several=len(cards) > 1)) for card in cards
        ) or (("Condition", "not offloaded yet"),)

    def _angle(self, take: Take, angle: Angle, varying: Sequence[str]) -> AngleLine:
        clips = self.files.standing(take, angle.clips)
        tc_in, tc_note = _start(take, angle, clips)
        return AngleLine(
            key=f"{take.id} {angle.camera}",
            slate=_slate(take),
            take=safe_text(take.take),
            circled=take.status is Status.CIRCLED,
            clips=tuple(self.files.names(take, angle.clips)) or _reported(angle),
            settings=self._used(take, angle),
            tc_in=tc_in,
            tc_note=tc_note,
            length=_length(take, clips),
            notes=tuple(self._notes(take, angle, varying)),
        )

    def _used(self, take: Take, angle: Angle) -> Settings:
        """What the camera was set to; what only the setup says stands in parentheses."""
        setup = self.setups.get((take.episode, take.scene, take.slate))
        meant = next((one for one in setup.cameras if one.camera == angle.camera), None) if setup else None
        return Settings(**{name: _used(angle.data, meant, name) for name in _IN_COLUMNS})

    def _notes(self, take: Take, angle: Angle, varying: Sequence[str]) -> Iterator[str]:
        yield from flags(take)
        if take.slated_as:
            yield f"slated as {safe_text(take.slated_as)}"
        yield from _rating(take, angle)
        if angle.start:
            yield f"late, from {safe_text(angle.start)}"
        if angle.end:
            yield f"cut early, at {safe_text(angle.end)}"
        for name in varying:
            if value := getattr(angle.data, name):
                yield safe_text(f"{_OF_ROLL[name]} {value}")
        if angle.note:
            yield safe_text(angle.note, lines=True)
        if angle.clip_name and angle.clips:
            yield f"reported as {safe_text(angle.clip_name)}"
        reel = reel_of(angle.clips)
        if reel and angle.roll and not same_roll(reel, angle.roll):
            yield f"the clip's own roll is {safe_text(reel)}"
        if not angle.logged:
            yield "nobody logged this camera; its clip is linked to the take"
        yield from differences(self.claims.get(take.id), Department.CAMERA, angle.camera)
        yield from self.files.comments(take, angle.clips)
        for clip in angle.clips:
            if clip.dropped and _is_original(clip):
                yield f"{safe_text(clip.name)} lost {clip.dropped} frame{'s' if clip.dropped > 1 else ''}"


def _said_of_all(data: Iterable[CameraData]) -> dict[str, list[str]]:
    """What was said over the roll, each value once."""
    said: dict[str, dict[str, None]] = {name: {} for name in _OF_ROLL}
    for each in data:
        for name in _OF_ROLL:
            value: str | None = getattr(each, name)
            if value:
                said[name][value] = None
    return {name: list(values) for name, values in said.items()}


def _maker(sheet: OnRoll) -> str:
    """Whose cameras name their clips so, where that is sure: a body that nobody wrote down has a maker at least."""
    clips = [clip for _, angle in sheet.angles for clip in angle.clips if _is_original(clip)] + sheet.loose
    said = [read_name(clip.name) for clip in clips]
    makers = {name.maker if name.confidence is Confidence.PUBLISHED else "" for name in said}
    maker = makers.pop() if len(makers) == 1 else ""
    return f"{maker}, by its clips' names" if maker else ""


def _times(roll: Roll) -> tuple[tuple[str, int | None], ...]:
    return ("Loaded", roll.loaded_ns), ("Pulled", roll.pulled_ns)


def _totals(sheet: OnRoll) -> Facts:
    clips = {clip.id: clip for _, angle in sheet.angles for clip in angle.clips if _is_original(clip)}
    links = [clip.link for clip in clips.values()]
    shot = shot_in({take.id: take for take, _ in sheet.angles}.values())
    recorded = length_together([*clips.values(), *sheet.loose])
    return (
        ("Takes", str(shot.takes)),
        ("Circled", str(shot.circled)),
        *apart(shot, wild_tracks=False),
        ("Clips linked", str(sum(link is LinkState.CONFIRMED for link in links))),
        ("proposed", str(sum(link is LinkState.PROPOSED for link in links))),
        ("of no take", str(len(sheet.loose))),
        ("Recorded", recorded or _UNKNOWN),
    )


def _is_original(clip: Clip) -> bool:
    return clip.source is not Source.RECORDER and clip.link is not LinkState.REFUSED


def _slate(take: Take) -> tuple[str, ...]:
    """The slate, and the scene where the slate does not begin with it."""
    episode = f"{take.episode} / " if take.episode else ""
    scene = () if take.slate.startswith(take.scene) and not episode else (f"sc. {safe_text(episode + take.scene)}",)
    return (safe_text(take.slate), *scene)


def _reported(angle: Angle) -> tuple[str, ...]:
    return (f"{safe_text(angle.clip_name)} (reported)",) if angle.clip_name else ()


def _used(data: CameraData, meant: CameraSetup | None, name: str) -> str:
    said: str | None = getattr(data, name)
    if said:
        return safe_text(said)
    planned: str = getattr(meant, name) if meant is not None else ""
    return f"({safe_text(planned)})" if planned else ""


def _start(take: Take, angle: Angle, clips: Sequence[Clip]) -> tuple[str, str]:
    """Where the clip starts, else where the take did for this camera."""
    for clip in clips:
        if _is_original(clip) and clip.tc_in:
            return safe_text(clip.tc_in), ""
    label = angle.start or take.tc_in
    return (safe_text(label), "take") if label else ("", "")


def _length(take: Take, clips: Sequence[Clip]) -> str:
    together = length_together(clip for clip in clips if _is_original(clip))
    if together:
        return together
    frames = take.duration_frames
    return "" if frames is None else f"~{stopwatch(take.frame_rate.seconds_for(frames))}"


def _rating(take: Take, angle: Angle) -> Iterator[str]:
    """The camera's own word where it is not the script's."""
    own = (angle.rating or "").strip()
    script = "" if take.status is Status.NONE else str(take.status)
    if own and own.casefold() != script:
        yield safe_text(f"Camera: {own}; script: {script.upper() if script == 'ng' else script or 'no mark'}")


def _loose_line(clip: Clip) -> LooseClip:
    named = "/".join(filter(None, (clip.named_scene, clip.named_take)))
    why = [f"cannot be read: {clip.unreadable}" if clip.unreadable else "", f"says {named}" if named else ""]
    return LooseClip(
        key=clip.id,
        name=safe_text(clip.name),
        tc_in=safe_text(clip.tc_in or "?"),
        length=length_of(clip),
        why=tuple(safe_text(each) for each in why if each),
    )
