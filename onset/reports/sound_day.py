"""The sound rolls of a shooting day, asked of the log and put in words: the `SoundReport` that `sound.py` sets.

Used by `onset report sound`. All words pass `safe_text` here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from onset.domain.camera import Clip, LinkState, Source
from onset.domain.card import Card
from onset.domain.sound import SoundFile, SoundTake
from onset.domain.take import Kind, State, Status, Take
from onset.errors import TimecodeError
from onset.logbook.totals import shot_in
from onset.reconcile.board import Board, CardVerdict, Department, TakeClaims
from onset.reel import same_roll
from onset.reports.day import apart, day_of, moment, takes_of, totals_of, warnings_of
from onset.reports.department import card_name, condition, differences
from onset.reports.files import length_of, length_together, recorded_rate
from onset.reports.linked import LinkedFiles, linked_files
from onset.reports.section import Facts
from onset.reports.sound import RecordingLine, SoundReport, SoundRollSheet
from onset.reports.sound_rolls import OnSoundRoll, SoundBook, rolls_asked_for, sound_rolls
from onset.sound.wave import Wave
from onset.text import safe_text
from onset.timecode import rate

_UNKNOWN = "?"
_SILENCE_DB = -150.0  # what is below no converter can tell from nothing


def sound_report(
    logbook: SoundBook,
    board: Board,
    verdicts: Sequence[CardVerdict],
    *,
    roll: str | None = None,
    company: str = "",
    director: str = "",
    heard: Callable[[SoundFile], Wave | None] = lambda _: None,
) -> SoundReport:
    """Put the sound rolls of a day in words, a sheet each.

    Args:
        logbook: asked on the caller's thread.
        board: of the day.
        verdicts: on the day's cards.
        roll: only this one, in any spelling; None: all.
        company: as the configuration has it; empty leaves the line out.
        director: the same.
        heard: what the head of a file says, where it can be read.

    Raises:
        ReportError: no such unit or day; or no such roll on it: names those there are.
    """
    unit, day = board.unit, board.day
    found = day_of(logbook, day, unit)
    takes = takes_of(logbook, day, unit)
    around = (day - 1, day, day + 1)
    media = {one.id: one for near in around for one in logbook.media(unit=unit, day=near)}
    links = [link for near in around for link in logbook.links(unit=unit, day=near)]
    sheets = rolls_asked_for(sound_rolls(logbook, takes, media, links, unit, day), roll, day)
    shown = {take.id: take for sheet in sheets for take, _, _ in sheet.recorded}
    words = _Words(
        files=linked_files(
            takes, [link for link in links if link.take_id in {take.id for take in takes}], media.values()
        ),
        claims={one.take_id: one for one in board.takes},
        cards=list(logbook.cards()),
        verdicts={verdict.card_id: verdict for verdict in verdicts if not verdict.superseded},
        media=media,
        heard=heard,
        timezone=found.timezone,
    )
    production = logbook.production()
    newest = logbook.history(limit=1)
    return SoundReport(
        title=safe_text(production.title),
        unit=safe_text(unit),
        day=day,
        date=safe_text(found.date),
        rate=production.rate.name,
        company=safe_text(company),
        director=safe_text(director),
        mixer=safe_text(production.mixer),
        location=safe_text(found.location),
        totals=totals_of(list(shown.values())),
        warnings=tuple(warnings_of(list(shown.values()) or takes, found, logbook.conflicts())),
        as_of=f"Log as of {moment(newest[0].wall_ns, found.timezone)}" if newest else "",
        asked=(safe_text(roll),) if roll is not None else (),
        rolls=tuple(words.sheet(sheet) for sheet in sheets),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Words:
    """Puts a sound roll in words.

    Attributes:
        claims: what departments say, by take.
        verdicts: by card.
        media: brought-in files by id; they say more than the same file under its take.
        timezone: of the day.
    """

    files: LinkedFiles
    claims: Mapping[str, TakeClaims]
    cards: Sequence[Card]
    verdicts: Mapping[str, CardVerdict]
    media: Mapping[str, Clip | SoundFile]
    heard: Callable[[SoundFile], Wave | None]
    timezone: str

    def sheet(self, sheet: OnSoundRoll) -> SoundRollSheet:
        recordings = [self._recording(take, sound, files) for take, sound, files in sheet.recorded]
        return SoundRollSheet(
            recorder=safe_text(sheet.recorder),
            roll=safe_text(sheet.roll),
            about=(self._format(sheet), _microphones(sheet), self._totals(sheet), self._card(sheet)),
            recordings=tuple(recordings),
            loose=tuple(self._loose(files) for files in sheet.loose),
        )

    def _format(self, sheet: OnSoundRoll) -> Facts:
        files = sheet.files
        head = next((wave for file in files if (wave := self._heard(file)) is not None), None)
        samples = dict.fromkeys(filter(None, (recorded_rate(file) for file in files)))
        return (
            ("Recorder", safe_text(head.maker) if head and head.maker else _UNKNOWN),
            ("Sample rate", ", ".join(samples) or _UNKNOWN),
            ("Bit depth", f"{head.bits}" if head and head.bits else _UNKNOWN),
            ("TC", ", ".join(dict.fromkeys(_tc_rate(file.rate) for file in files)) or _UNKNOWN),
        )

    def _heard(self, file: SoundFile) -> Wave | None:
        return None if file.unreadable else self.heard(file)

    def _totals(self, sheet: OnSoundRoll) -> Facts:
        shot = shot_in({take.id: take for take, _, _ in sheet.recorded}.values())
        firsts = [files[0] for _, _, files in sheet.recorded if files]
        return (
            ("Takes", str(shot.takes)),
            ("Circled", str(shot.circled)),
            *apart(shot),
            ("Files linked", str(sum(file.link is LinkState.CONFIRMED for file in firsts))),
            ("proposed", str(sum(file.link is LinkState.PROPOSED for file in firsts))),
            ("of no take", str(len(sheet.loose))),
            ("Recorded", length_together([*firsts, *(same[0] for same in sheet.loose)]) or _UNKNOWN),
        )

    def _card(self, sheet: OnSoundRoll) -> Facts:
        """The condition of what it was copied as, where it was."""
        named = {file.card for file in sheet.files if file.card}
        cards = [
            card
            for card in self.cards
            if card.id in self.verdicts
            and (
                card.id in named or (sheet.roll and any(same_roll(n, sheet.roll) for n in (card.label, card.reel) if n))
            )
        ]
        said = [
            (("Card", card_name(card)), ("Condition", condition(self.verdicts[card.id], self.timezone)))
            for card in cards
        ]
        return tuple(fact for facts in said for fact in facts) or (("Card", "not offloaded yet"),)

    def _recording(self, take: Take, sound: SoundTake, linked: Sequence[SoundFile]) -> RecordingLine:
        files = self.files.standing(take, linked)
        first = self._known(files[0]) if files else None
        measured = _measured(take, sound, files)
        return RecordingLine(
            key=" ".join((take.id, linked[0].id if linked else sound.device)),
            file=tuple(self.files.names(take, files)),
            scene=safe_text(take.slate),
            take=safe_text(take.take),
            circled=take.status is Status.CIRCLED,
            tracks=tuple(_tracks(sound.tracks or _names(files), measured)),
            tc_in=safe_text(first.tc_in or "") if first else "",
            length=length_of(first) if first else "",
            kind="wild" if take.kind is Kind.WILD_TRACK or (first and first.wild) else "MOS" if take.mos else "",
            notes=tuple(self._notes(take, sound, linked, elsewhere=measured is not None and measured not in files)),
        )

    def _known(self, file: SoundFile) -> SoundFile:
        known = self.media.get(file.id)
        return known if isinstance(known, SoundFile) else file

    def _notes(self, take: Take, sound: SoundTake, files: Sequence[SoundFile], *, elsewhere: bool) -> Iterator[str]:
        if not files:
            yield "no file of it has come"
        if take.kind not in (Kind.NORMAL, Kind.WILD_TRACK):
            yield str(take.kind).upper()
        if take.slated_as:
            yield f"slated as {safe_text(take.slated_as)}"
        if take.state is State.INTERRUPTED or any(file.interrupted for file in files):
            yield "INTERRUPTED"
        if sound.circled is not None and sound.circled is not (take.status is Status.CIRCLED):
            yield "sound circled it, script did not" if sound.circled else "script circled it, sound did not"
        yield from differences(self.claims.get(take.id), Department.SOUND, sound.device)
        if sound.note:
            yield safe_text(sound.note, lines=True)
        for text in dict.fromkeys(self._known(file).note for file in files):
            if text and text != sound.note:
                yield safe_text(text, lines=True)
        for named in dict.fromkeys(file.roll for file in map(self._known, files) if file.roll):
            if sound.roll and not same_roll(named, sound.roll):
                yield f"the file's own roll is {safe_text(named)}"
        if elsewhere:
            yield "levels as our own recording of the take has them"
        yield from self.files.comments(take, files)

    def _loose(self, files: Sequence[SoundFile]) -> RecordingLine:
        first = files[0]
        set_of = f"mono set of {len(files)}" if len(files) > 1 else ""
        return RecordingLine(
            key=f"- {first.id}",
            file=tuple(filter(None, (safe_text(first.name), set_of))),
            scene=safe_text(first.named_scene),
            take=safe_text(first.named_take),
            circled=False,
            tracks=tuple(_tracks(_names(files), None)),
            tc_in=safe_text(first.tc_in or ""),
            length=length_of(first),
            kind="wild" if first.wild else "",
            notes=tuple(
                safe_text(text, lines=True)
                for text in (
                    f"cannot be read: {first.unreadable}" if first.unreadable else "",
                    "the file says circled" if first.circled else "",
                    first.note,
                )
                if text
            ),
        )


def _microphones(sheet: OnSoundRoll) -> Facts:
    """What was on each track over the roll, in the order of the channels."""
    heard: dict[int, dict[str, None]] = {}
    lists = [sound.tracks or _names(files) for _, sound, files in sheet.recorded]
    for names in (*lists, *(_names(files) for files in sheet.loose)):
        for number, name in enumerate(names, 1):
            if name:
                heard.setdefault(number, {})[safe_text(name)] = None
    said = ", ".join(f"{number} {' / '.join(names)}" for number, names in sorted(heard.items()))
    return (("Tracks", said or _UNKNOWN),)


def _tracks(names: Sequence[str], measured: SoundFile | None) -> Iterator[str]:
    """Names, as the mixer said them or as the files do, with the levels."""
    levels = list(_levels(measured))
    for number in range(1, max(len(names), len(levels)) + 1):
        name = safe_text(names[number - 1]) if number <= len(names) else ""
        level = levels[number - 1] if number <= len(levels) else ""
        if name or level:
            yield "  ".join(filter(None, (f"{number} {name}".rstrip(), level)))


def _names(files: Sequence[SoundFile]) -> tuple[str, ...]:
    return tuple(track for file in files for track in file.tracks)


def _measured(take: Take, sound: SoundTake, files: Sequence[SoundFile]) -> SoundFile | None:
    """Who knows the levels: the file itself, else our own recording of the take."""
    own = [file for other in take.sound for file in other.files if file.source is Source.RECORDER]
    return next((file for file in (*files, *sound.files, *own) if file.peak_db), None)


def _levels(file: SoundFile | None) -> Iterator[str]:
    """`-6.2 / -21.0`, peak and mean of each track."""
    for place, peak in enumerate(file.peak_db if file else ()):
        mean = file.rms_db[place] if file and place < len(file.rms_db) else None
        if peak < _SILENCE_DB:
            yield "silent"
        else:
            yield f"{peak:.1f}" + (f" / {mean:.1f}" if mean is not None else "")


def _tc_rate(name: str) -> str:
    """`23.976 NDF`, `29.97 DF`.

    >>> _tc_rate("29.97df"), _tc_rate("25")
    ('29.97 DF', '25 NDF')
    """
    try:
        known = rate(name)
    except TimecodeError:
        return safe_text(name)
    return f"{known.name.removesuffix('df')} {'DF' if known.drop else 'NDF'}"
