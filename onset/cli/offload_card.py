"""Say what a card is before it is copied, and again with the result; a part of `onset offload`.

A card that is slow, dying or strange holds up no copy: what cannot be told within a few seconds is told afterwards, out
of the copies. Nothing here refuses anything.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from onset.errors import OnsetError
from onset.text import safe_text

if TYPE_CHECKING:
    from onset.camera.clips import OnCard
    from onset.cards.told import Look
    from onset.media import MediaReader
    from onset.offload.card import Card
    from onset.offload.outcome import Outcome

BEFORE_S = 4.0  # that a card is looked at before its first byte is copied
AFTER_S = 15.0  # that copies are looked at for what was not told by then
_OF_THE_CARD = 0.75  # of that time is for the card itself, the rest for the camera's last one
_GRACE_S = 1.0  # for a read that is under way
_ASK_S = 0.05


def look_before(
    card: Card, production: Path | None, unit: str | None, asked: threading.Event, *, seconds: float = BEFORE_S
) -> Look:
    """Look at the card itself, as long as there is time.

    Args:
        card: as it was found.
        production: whose log knows the rate and the camera's last card.
        unit: whose card it is, where the person said so.
        asked: to stop.
        seconds: after which nothing more is opened.
    """
    from onset.cards.contents import card_contents
    from onset.cards.formats import not_looked_at
    from onset.cards.told import Look

    contents = card_contents(card.tree.files.values(), card.tree.folders)
    found = [Look(contents, tuple(map(not_looked_at, (*contents.clips, *contents.sounds))), card.label)]
    ends = time.monotonic() + seconds

    def out_of_time(share: float) -> bool:
        return asked.is_set() or time.monotonic() > ends - (1 - share) * seconds

    def work() -> None:
        try:
            _look(card, found[0], production, unit, found.append, out_of_time)
        except Exception as error:  # unforeseen: the copies matter
            why = str(error) if isinstance(error, OnsetError) else f"{type(error).__name__}: {error}"
            print(f"onset: not everything on the card can be told: {safe_text(why)}", file=sys.stderr)

    thread = threading.Thread(target=work, name="card look", daemon=True)  # a dead card may never answer
    thread.start()
    while thread.is_alive() and not asked.is_set() and time.monotonic() < ends + _GRACE_S:
        thread.join(_ASK_S)
    return found[-1]


def _look(
    card: Card,
    look: Look,
    production: Path | None,
    unit: str | None,
    tell: Callable[[Look], None],
    out_of_time: Callable[[float], bool],
) -> None:
    """What the log says, then what the clips say, then what those of the camera's last card say.

    Outside of a production only side-cars and lists are read: an offload there opens no decoder, and the clips have
    nothing to be compared with.
    """
    from onset.cards.formats import read_formats
    from onset.timecode import RATES

    if production is not None:
        look = _with_log(look, card, production, unit)
        tell(look)
    reader = _reader() if production is not None else None
    contents, formats = read_formats(
        look.contents,
        lambda _: card.root,
        reader,
        look.rate or RATES["24"],
        list_root=card.root,
        enough=lambda: out_of_time(_OF_THE_CARD),
    )
    look = replace(look, contents=contents, formats=formats)
    tell(look)
    if look.last is not None and look.rate is not None and reader is not None:
        from onset.cards.last import look_at_copy

        last = look_at_copy(look.last, reader, look.rate, enough=lambda: out_of_time(1))
        tell(replace(look, last=last))


def _with_log(look: Look, card: Card, production: Path, unit: str | None) -> Look:
    """The same, with what the log knows: the rate, the camera's last card, clips of the reel that other cards hold."""
    from onset.cards.contents import but_elsewhere
    from onset.cards.last import clips_elsewhere, last_card
    from onset.cli.find import open_logbook
    from onset.offload.which_card import shot_on

    logbook = open_logbook(production, role="dit")
    try:
        whose = shot_on(logbook, look.contents.reel or card.label, unit=unit).unit
        last = last_card(logbook, unit=whose, camera=look.camera, reel=look.reel, fingerprint=card.fingerprint)
        known = clips_elsewhere(logbook, unit=whose, fingerprint=card.fingerprint)
        contents = but_elsewhere(look.contents, known)
        return replace(look, contents=contents, rate=logbook.production().rate, last=last)
    finally:
        logbook.close()


def _reader() -> MediaReader:
    from devices.media_av import AvMediaReader

    return AvMediaReader()


def look_after(look: Look, outcome: Outcome, *, seconds: float = AFTER_S) -> Look:
    """The same look with what there was no time for, out of the copies; and so in the job's record."""
    if look.complete or not outcome.targets:
        return look
    from onset.cards.formats import read_formats
    from onset.offload.journal import jobs_folder, tell_contents
    from onset.timecode import RATES

    ends = time.monotonic() + seconds
    verified = {each.path: each.verified for each in outcome.contents}

    def root_of(clip: OnCard) -> Path | None:
        whole = (n for n in range(len(outcome.targets)) if all(n in verified.get(path, ()) for path in clip.files))
        found = next(whole, None)
        return Path(outcome.targets[found].path) if found is not None else None

    contents, formats = read_formats(
        look.contents,
        root_of,
        _reader() if look.rate is not None else None,
        look.rate or RATES["24"],
        list_root=next((Path(target.path) for target in outcome.targets if target.lost is None), None),
        known=look.formats,
        enough=lambda: time.monotonic() > ends,
    )
    look = replace(look, contents=contents, formats=formats)
    tell_contents(jobs_folder(os.environ), outcome.job, look.as_json())
    return look


def show(look: Look) -> None:
    """For people: the card in a line, and a line for each thing that is wrong; nobody has to read it."""
    with suppress(OSError):
        print("\n".join(look.lines), flush=True)
