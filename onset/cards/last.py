"""The card that a camera filled before this one: found in the log, looked at in its copies.

The log keeps of a clip what takes need: its timecode, rate and length. Size, codec, ISO and white balance are read from
a copy of that card that is mounted; where none is, those are not compared.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from onset.camera.clips import CardFile
from onset.cards.contents import Contents, card_contents
from onset.cards.formats import ClipFormat, read_formats
from onset.cards.watch import LastCard
from onset.domain.camera import Clip
from onset.errors import TimecodeError
from onset.logbook.protocol import Logbook
from onset.media import MediaReader
from onset.mhl.tree import list_tree
from onset.reel import roll_key, same_roll
from onset.timecode import Rate, Timecode
from onset.timecode import rate as rate_named

_LOOKED_AT = 40  # clips of the last card, its first and its last among them, tell what it was


def last_card(logbook: Logbook, *, unit: str, camera: str, reel: str, fingerprint: str = "") -> LastCard | None:
    """The newest card of a camera in the log that is not the one in the reader, as the log has it.

    Args:
        logbook: of the production.
        unit: whose camera.
        camera: its letter; without one there is no last card.
        reel: of the card in the reader, which is not its own last card.
        fingerprint: likewise.
    """
    cards = [
        card
        for card in logbook.cards()
        if camera
        and card.unit == unit
        and card.camera == camera
        and card.fingerprint != fingerprint
        and not (reel and same_roll(card.reel, reel))
    ]
    if not cards:
        return None
    card = max(cards, key=lambda each: each.wall_ns)
    clips = [each for each in logbook.media(unit=unit, day=None) if isinstance(each, Clip) and each.card == card.id]
    clips.sort(key=lambda each: (each.number or 0, each.name))
    return LastCard(card.label, tuple(map(_format, clips)), tuple(copy.path for copy in card.copies))


def look_at_copy(last: LastCard, reader: MediaReader, rate: Rate, *, enough: Callable[[], bool]) -> LastCard:
    """The same card as one of its copies has it; unchanged where none can be looked at.

    Args:
        last: as the log has it.
        reader: opens its clips.
        rate: of labels, for a clip that tells none.
        enough: asked before each clip; True ends it.
    """
    for copy in last.copies:
        root = Path(copy)
        try:
            tree = list_tree(root, lambda *_: False)
        except (OSError, ValueError):
            continue  # that disk is not here
        contents = card_contents((CardFile(each.path, each.size) for each in tree.files.values()), tree.folders)
        formats = _read(contents, root, reader, rate, enough)
        if any(each.looked for each in formats):
            return replace(last, formats=formats)
    return last


def _read(
    contents: Contents, root: Path, reader: MediaReader, rate: Rate, enough: Callable[[], bool]
) -> tuple[ClipFormat, ...]:
    left = iter(range(_LOOKED_AT))

    def ended() -> bool:
        return next(left, None) is None or enough()

    return read_formats(contents, lambda _: root, reader, rate, list_root=root, enough=ended)[1]


def clips_elsewhere(logbook: Logbook, *, unit: str, fingerprint: str) -> frozenset[tuple[str, int]]:
    """`roll_key` and number of every clip in the log that another card holds: a reel may go over several cards."""
    own = {card.id for card in logbook.cards() if card.fingerprint == fingerprint}
    return frozenset(
        (roll_key(clip.reel), clip.number)
        for clip in logbook.media(unit=unit, day=None)
        if isinstance(clip, Clip) and clip.number is not None and clip.reel and clip.card not in own
    )


def _format(clip: Clip) -> ClipFormat:
    start = None
    with suppress(TimecodeError):
        start = Timecode.parse(clip.tc_in, rate_named(clip.rate)) if clip.tc_in else None
    return ClipFormat(name=clip.name, start=start, fps=Fraction(clip.fps) if clip.fps else None)
