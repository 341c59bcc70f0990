"""Picture and sound files that are not our recorders': originals of cards, files brought in from a folder.

Which take they belong to is said by links alone. What the recorders write is in `clips.py`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from fractions import Fraction

from onset.changes import Value, derived_id
from onset.domain.camera import Clip, Source
from onset.domain.sound import SoundFile
from onset.errors import RefusedError, TimecodeError
from onset.logbook import board, cards
from onset.logbook.engine import Row, Transaction
from onset.logbook.fields import fitting
from onset.text import safe_text
from onset.timecode import Timecode, rate

_DIGEST = re.compile(r"[a-z0-9]{2,20}:[0-9A-Za-z]{8,200}", re.ASCII)
_FASTEST = 100_000  # frames a second; the fastest cameras on any set record a tenth of it


def bring_in(tx: Transaction, media: Sequence[Clip | SoundFile]) -> tuple[int, int]:
    """Remember files; those the log knows are updated. Returns how many are new and how many were known.

    Raises:
        RefusedError: a file that cannot be as it is described; names it, and nothing is written.
    """
    checked = [(one, _fields(one)) for one in media]  # all of them before the first is written
    for unit in sorted({one.unit for one in media}):
        board.check_unit(tx, unit)
    for card_id in sorted({one.card for one in media if one.card is not None}):
        cards.named(tx, card_id)
    earlier = _OnCards(tx)
    new = 0
    for one, fields in checked:
        kind = "clip" if isinstance(one, Clip) else "sound"
        known = _known(tx, kind, one, earlier)
        if known is None:
            given = {name: value for name, value in fields.items() if value is not None}
            tx.add(kind, {**given, "deleted": 0}, _identity(tx, kind, one))
            new += 1
        elif known.text("source") and not (one.unreadable and not known.text("unreadable")):
            _update(tx, kind, known, one, fields)
    return new, len(media) - new


def _identity(tx: Transaction, kind: str, one: Clip | SoundFile) -> str | None:
    """Two seats that bring in one file meet in one row; None where that row is another file of the same path by now."""
    names = (one.digest, one.name) if one.digest else (one.card or "", one.path)
    identity = derived_id("media", kind, *names).hex()
    known = tx.get(kind, identity)
    return identity if known is None or known.flag("deleted") else None


def _update(tx: Transaction, kind: str, known: Row, one: Clip | SoundFile, fields: dict[str, Value]) -> None:
    wanted: dict[str, Value] = {name: value for name, value in fields.items() if value not in (None, "[]")}
    if not one.unreadable:
        wanted["unreadable"] = None
    if known.text("source") == Source.CARD:
        wanted["source"] = str(Source.CARD)  # where it was shot stays true when a copy of it is brought in later
        came_back = one.source is Source.CARD and known.maybe_text("card") != one.card
        if came_back and known.maybe_number("day") is not None:  # with another day's clips on it too, perhaps
            wanted |= {"unit": known.text("unit"), "day": known.number("day")}
    tx.set(kind, known.id, wanted)


class _OnCards:
    """Files that the log has of cards of a label: a card that comes back has another fingerprint, so another id."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        self._found: dict[tuple[str, str], list[Row]] = {}

    def of(self, kind: str, card_id: str) -> list[Row]:
        """As they were before this edit: two files of one name in two folders of a card are two files."""
        card = self._tx.get("card", card_id)
        label = card.text("label") if card else ""
        if (kind, label) not in self._found:
            cards = self._tx.find("card", {"label": label}) if card else []
            self._found[kind, label] = [row for each in cards for row in self._tx.find(kind, {"card": each.id})]
        return self._found[kind, label]


def _known(tx: Transaction, kind: str, one: Clip | SoundFile, earlier: _OnCards) -> Row | None:
    before = earlier.of(kind, one.card) if one.card is not None else []
    if one.digest:
        for row in tx.find(kind, {"digest": one.digest}):
            if row.text("name") == one.name:
                return row
    for row in tx.find(kind, {"path": one.path}):
        if not row.text("source") or _same_place(row, one):  # or a folder that our own recorders wrote into
            return row
    here = [row for row in before if row.text("name") == one.name]
    here = [row for row in here if row.text("path") == one.path] or (here if len(here) == 1 else [])
    for row in here:
        if (row.text("unreadable") or one.unreadable) and _may_be(row, one):
            return row
    return None


def _same_place(row: Row, one: Clip | SoundFile) -> bool:
    """A file at the path of another is that one, unless a stick was used again: other bytes, for another day."""
    if row.maybe_text("card") != one.card:
        return False
    digests = one.digest is not None and row.text("digest") not in ("", one.digest)
    sizes = one.size is not None and row.maybe_number("size") not in (None, one.size)
    return not (digests or sizes) or _same_day(row, one)


def _may_be(row: Row, one: Clip | SoundFile) -> bool:
    """Whether a file that could not be read, here or there, is the one of that name on an earlier state of its card."""
    size = row.maybe_number("size")
    return size == one.size if size is not None and one.size is not None else _same_day(row, one)


def _same_day(row: Row, one: Clip | SoundFile) -> bool:
    return row.text("unit") == one.unit and row.maybe_number("day") == one.day


def _fields(one: Clip | SoundFile) -> dict[str, Value]:
    """As the log keeps them, checked."""
    shown = safe_text(one.name or one.path or "a file without a name")
    try:
        fields = _of_clip(one) if isinstance(one, Clip) else _of_sound(one)
        return {name: None if value == "" else value for name, value in fields.items()}
    except (RefusedError, TimecodeError) as error:
        raise RefusedError(f"{shown} was not brought in: {error}") from error


def _of_clip(clip: Clip) -> dict[str, Value]:
    if clip.fps is not None:
        _check_fps(clip.fps)
    fields: dict[str, Value] = {
        **_common(clip),
        "camera": clip.camera,
        "dropped": clip.dropped,
        "fps": clip.fps,
        "reel": clip.reel,
        "number": clip.number,
    }
    return fitting("clip", fields)


def _of_sound(sound: SoundFile) -> dict[str, Value]:
    fields: dict[str, Value] = {
        **_common(sound),
        "device": sound.device,
        "samples": sound.samples,
        "sample_rate": sound.sample_rate,
        "tracks": json.dumps(sound.tracks, ensure_ascii=False),
        "roll": sound.roll,
        "family": sound.family,
        "pre_record": sound.pre_record,
        "circled": sound.circled,
        "wild": sound.wild,
        "note": sound.note,
    }
    return fitting("sound", fields)


def _common(one: Clip | SoundFile) -> dict[str, Value]:
    if one.source is Source.RECORDER:
        raise RefusedError("what our own recorders write is logged by them.")
    if not one.name.strip() or not one.path.strip():
        raise RefusedError("a file has a name and a path.")
    if one.digest is not None and not _DIGEST.fullmatch(one.digest):
        raise RefusedError(f'"{safe_text(one.digest[:40])}" is no digest; it is written as xxh128:….')
    labels = rate(one.rate)
    if one.tc_in is not None:
        Timecode.parse(one.tc_in, labels)
    return {
        "name": one.name,
        "path": one.path,
        "tc_in": one.tc_in,
        "tc_source": one.tc_source,
        "rate": one.rate,
        "duration_frames": one.duration_frames,
        "interrupted": one.interrupted,
        "source": str(one.source),
        "card": one.card,
        "unit": one.unit,
        "day": one.day,
        "created_ns": one.created_ns,
        "size": one.size,
        "digest": one.digest,
        "unreadable": one.unreadable,
        "named_scene": one.named_scene,
        "named_take": one.named_take,
    }


def _check_fps(text: str) -> None:
    try:
        fps = Fraction(text)
    except (ValueError, ZeroDivisionError):
        fps = Fraction(0)
    if not 0 < fps <= _FASTEST:
        raise RefusedError(f'"{safe_text(text[:40])}" is no number of frames a second; it is written as 24000/1001.')
