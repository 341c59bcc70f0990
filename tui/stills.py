"""Pictures of takes as a screen draws them: which there are, and each as rows of half blocks, read on a thread.

Used by the Review screen's widgets. The folder of a production may lie on a slow or dead disk, and its pictures come
from anywhere, so nothing is opened on the event loop, nobody waits for a disk that is silent, and a picture that cannot
be read is a sentence.
"""

from __future__ import annotations

import asyncio
import os
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

from textual.strip import Strip

from onset.domain.camera import Clip, LinkState, Source
from onset.domain.take import Take
from onset.errors import MediumError
from onset.media import WHERE, small_pictures
from onset.text import safe_text
from tui.disk_question import DiskQuestion
from tui.widgets.picture import half_blocks, row_shades, row_strip

K = TypeVar("K")
T = TypeVar("T")

MOST = 16  # pictures kept as they are drawn, twice what a screen shows: each is a thousand objects for the collector


@dataclass(frozen=True, slots=True)
class Shot:
    """A picture of a take: its file, what it shows (`A middle`, or a still's caption), and which part of a clip."""

    path: Path
    caption: str
    where: str = ""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A picture as it stands on the screen; without strips the words say why."""

    strips: tuple[Strip, ...] = ()
    words: str = ""


SILENT = Drawn(words="its disk does not answer")


def clips_of(take: Take) -> list[tuple[str, Clip]]:
    """The clips that are, or may be, of a take, with their cameras."""
    return [(angle.camera, clip) for angle in take.angles for clip in angle.clips if clip.link is not LinkState.REFUSED]


def may_have_pictures(take: Take) -> bool:
    """Something of it was brought in or recorded that a picture could be of."""
    return bool(take.stills) or bool(clips_of(take))


def shots_of(take: Take, folder: Path) -> tuple[Shot, ...]:
    """The pictures that there are of a take: of each camera's clips start, middle and end, then its stills.

    Of a camera that was recorded here only those: they begin at the roll, and its original shows the same.

    Args:
        take: as it is now.
        folder: the production's; its disk is asked, so never on the event loop.
    """
    recorded: dict[str, list[Shot]] = {}
    others: dict[str, list[Shot]] = {}
    for camera, clip in clips_of(take):
        kind = recorded if clip.source is Source.RECORDER else others
        kind.setdefault(camera, []).extend(
            Shot(folder / path, f"{safe_text(camera)} {where}", where)
            for where, path in zip(WHERE, small_pictures(clip), strict=True)
            if os.path.isfile(folder / path)  # False too where the disk fails, or the log has no possible name
        )
    found = [shot for camera in {**recorded, **others} for shot in recorded.get(camera) or others.get(camera, [])]
    stills = [still for still in take.stills if still.state is not LinkState.REFUSED]
    found += [Shot(folder / still.path, safe_text(still.caption or still.name)) for still in stills]
    return tuple(found)


def picture_of(shots: Sequence[Shot], where: str) -> Shot | None:
    """The one picture of a take that shows this part of its clip, else the nearest that there is."""
    return next((shot for shot in shots if shot.where == where), next(iter(shots), None))


class Album:
    """Pictures of a production at the sizes they are drawn at; the newest stay. Of the event loop alone."""

    def __init__(self, folder: Path, *, colours: bool = True) -> None:
        """Paths in the log start from `folder`; without colours pictures are drawn in shades."""
        self._folder = folder
        self._colours = colours
        self._drawn: OrderedDict[tuple[Path, int, int], Drawn] = OrderedDict()
        self._listing: DiskQuestion[tuple[Take, tuple[Shot, ...]]] = DiskQuestion()
        self._drawing: DiskQuestion[tuple[tuple[Path, int, int], Drawn]] = DiskQuestion()
        self._one = asyncio.Lock()

    def at_hand(self, path: Path, columns: int, rows: int) -> Drawn | None:
        """The picture, where it was drawn lately."""
        key = (path, columns, rows)
        found = self._drawn.get(key)
        if found is not None:
            self._drawn.move_to_end(key)
        return found

    async def shots(self, take: Take) -> tuple[Shot, ...] | None:
        """The pictures that there are of a take; None where their disk is silent."""
        async with self._one:
            return await _answer(self._listing, take, partial(shots_of, take, self._folder))

    async def draw(self, path: Path, columns: int, rows: int) -> Drawn:
        """The picture, at most `columns` x `rows` cells, its shape kept."""
        key = (path, columns, rows)
        async with self._one:
            found = self.at_hand(*key)
            if found is None:
                found = await _answer(self._drawing, key, partial(draw, *key, colours=self._colours)) or SILENT
        if found.strips:  # one that could not be read is tried again: its disk may come back
            self._drawn[key] = found
            while len(self._drawn) > MOST:
                self._drawn.popitem(last=False)
        return found


async def _answer(disk: DiskQuestion[tuple[K, T]], key: K, question: Callable[[], T]) -> T | None:
    """The answer to this question, whatever was asked before and not waited for; None where the disk is silent."""
    while (answer := await disk.ask(lambda: (key, question()))) is not None:
        if answer[0] == key:
            return answer[1]
    return None


def draw(path: Path, columns: int, rows: int, *, colours: bool = True) -> Drawn:
    """Read a picture and draw it; not on the event loop."""
    from onset.stills.small import small_pixels

    if not os.path.lexists(path):
        return Drawn(words="the file is not there")
    try:
        pixels = small_pixels(path, columns, 2 * rows)
    except MediumError as error:
        return Drawn(words=str(error).partition(";")[0].rstrip("."))
    as_strip = row_strip if colours else row_shades
    return Drawn(tuple(as_strip(row) for row in half_blocks(pixels, columns, 2 * rows)))
