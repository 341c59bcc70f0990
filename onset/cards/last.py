"""The card that a camera filled before this one: found in the log, looked at in its copies.

The log keeps of a clip what takes need: its timecode, rate and length. Size, codec, ISO and white balance are read from
a copy of that card that is mounted; where none is, those are not compared.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from fractions import Fraction
from pathlib import Path

from onset.camera.clips import CardFile
from onset.cards.contents import card_contents
from onset.cards.formats import ClipFormat, read_formats
from onset.cards.watch import LastCard
from onset.domain.camera import Clip
from onset.domain.card import Card
from onset.errors import TimecodeError
from onset.logbook.protocol import Logbook
from onset.media import MediaReader
from onset.mhl.tree import list_tree
from onset.reel import roll_key, same_roll
from onset.timecode import Timecode
from onset.timecode import rate as rate_named

_LOOKED_AT = 6  # clips of the last card: its first, its last and some between tell what it was


def last_card(
    logbook: Logbook,
    reader: MediaReader,
    *,
    unit: str,
    camera: str,
    reel: str,
    fingerprint: str = "",
    enough: Callable[[], bool] = lambda: False,
) -> LastCard | None:
    """The newest card of a camera in the log that is not the one in the reader.

    Args:
        logbook: of the production.
        reader: opens the copies.
        unit: whose camera.
        camera: its letter; without one there is no last card.
        reel: of the card in the reader, which is not its own last card.
        fingerprint: likewise.
        enough: asked before each clip is opened; True ends it.
    """
    if not camera:
        return None
    cards = [
        card
        for card in logbook.cards()
        if card.unit == unit
        and card.camera == camera
        and card.fingerprint != fingerprint
        and not (reel and same_roll(card.reel, reel))
    ]
    if not cards:
        return None
    card = max(cards, key=lambda each: each.wall_ns)
    return LastCard(card.label, _in_a_copy(card, reader, logbook, enough) or _in_the_log(card, logbook))


def clips_elsewhere(logbook: Logbook, *, unit: str, fingerprint: str) -> frozenset[tuple[str, int]]:
    """`roll_key` and number of every clip in the log that another card holds: a reel may go over several cards."""
    own = {card.id for card in logbook.cards() if card.fingerprint == fingerprint}
    return frozenset(
        (roll_key(clip.reel), clip.number)
        for clip in logbook.media(unit=unit, day=None)
        if isinstance(clip, Clip) and clip.number is not None and clip.reel and clip.card not in own
    )


def _in_a_copy(card: Card, reader: MediaReader, logbook: Logbook, enough: Callable[[], bool]) -> tuple[ClipFormat, ...]:
    for copy in card.copies:
        root = Path(copy.path)
        try:
            tree = list_tree(root, lambda *_: False)
        except (OSError, ValueError):
            continue
        contents = card_contents((CardFile(each.path, each.size) for each in tree.files.values()), tree.folders)
        left = iter(range(_LOOKED_AT))
        _, formats = read_formats(
            contents,
            lambda _, root=root: root,  # type: ignore[misc]  # bound now: the loop goes on
            reader,
            logbook.production().rate,
            list_root=root,
            enough=lambda left=left: next(left, None) is None or enough(),  # type: ignore[misc]
        )
        if any(each.looked for each in formats):
            return formats
    return ()


def _in_the_log(card: Card, logbook: Logbook) -> tuple[ClipFormat, ...]:
    clips = [each for each in logbook.media(unit=card.unit, day=None) if isinstance(each, Clip)]
    own = sorted((each for each in clips if each.card == card.id), key=lambda each: (each.number or 0, each.name))
    return tuple(_format(each) for each in own)


def _format(clip: Clip) -> ClipFormat:
    start = None
    with suppress(TimecodeError):
        start = Timecode.parse(clip.tc_in, rate_named(clip.rate)) if clip.tc_in else None
    return ClipFormat(name=clip.name, start=start, fps=Fraction(clip.fps) if clip.fps else None)
