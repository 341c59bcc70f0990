"""Which files of takes are sent: proxies, or originals with all that belongs to them; and under which names.

Used by `onset send`. Files are named as an export names them, so that the string-outs beside them find them.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from onset.camera.clips import CardFile, OnCard, clips_on
from onset.domain.camera import Angle, Clip, LinkState, Source
from onset.domain.card import Card
from onset.domain.production import Day, Production, Unit
from onset.domain.scene import Scene, Setup
from onset.domain.sound import SoundFile
from onset.domain.take import State, Take
from onset.editorial.event import LeftOut
from onset.editorial.sure import not_sure, sure_files, sure_sound
from onset.editorial.where import path_elsewhere
from onset.logbook.protocol import Logbook
from onset.logbook.terms import Conflict, TakeFilter
from onset.mhl.tree import list_tree
from onset.offload.card import is_litter
from onset.reports.files import places
from onset.text import safe_path, safe_text


@dataclass(frozen=True, slots=True)
class Found:
    """What can be sent of some takes.

    Attributes:
        takes: in their order, with those of their files that are sent, and paths within the folder that is made.
        files: path in that folder, to where the file lies (absolute).
        left_out: what is not sent, and why.
    """

    takes: tuple[Take, ...]
    files: dict[str, Path]
    left_out: tuple[LeftOut, ...]


def files_of(takes: Iterable[Take], cards: Sequence[Card], folder: Path, *, clips: bool) -> Found:
    """Find the files.

    Args:
        takes: in their order.
        cards: whose copies originals lie in.
        folder: the production's, absolute; looked into, so not for an event loop.
        clips: the camera's originals and the mixer's files; else proxies, which have the sound in them.
    """
    search = _Search(cards, folder)
    found = [search.originals(take) if clips else search.proxies(take) for take in takes]
    return Found(tuple(found), search.files, tuple(dict.fromkeys(search.left_out)))


class _Search:
    def __init__(self, cards: Sequence[Card], folder: Path) -> None:
        self.files: dict[str, Path] = {}
        self.left_out: list[LeftOut] = []
        self._folder = folder
        self._cards = {card.id: card for card in cards}
        self._copies = frozenset(copy.path for card in cards for copy in card.copies)
        self._names: dict[str, str] = {}  # of what is taken, without case, to whose it is

    def originals(self, take: Take) -> Take:
        """The take with the originals that are here."""
        if take.state is State.ROLLING:
            return self._rolls(take)
        angles = []
        for angle in take.angles:
            whose = f"{take.label} {angle.camera}"
            self.left_out += not_sure(take, angle.clips, whose)
            sure = sure_files(angle.clips)
            if not angle.clips:
                self.left_out.append(LeftOut(whose, "no clip of it is in the log"))
            angles.append(replace(angle, clips=tuple(one for clip in sure if (one := self._clip(clip, whose)))))
        for heard in take.sound:
            self.left_out += not_sure(take, heard.files, f"{take.label} {heard.device}")
        return self._with_sound(replace(take, angles=tuple(angles)))

    def proxies(self, take: Take) -> Take:
        """The take with its proxies; a take that is only heard has its sound."""
        if take.state is State.ROLLING:
            return self._rolls(take)
        angles = tuple(replace(angle, clips=self._proxies(take, angle)) for angle in take.angles)
        if any(angle.clips for angle in take.angles) or not take.sound:
            return replace(take, angles=angles, sound=())
        return self._with_sound(replace(take, angles=angles))

    def _proxies(self, take: Take, angle: Angle) -> tuple[Clip, ...]:
        whose = f"{take.label} {angle.camera}"
        own = [
            clip
            for clip in angle.clips
            if clip.source is Source.RECORDER and clip.link is LinkState.CONFIRMED and not clip.unreadable
        ]
        heard = any(file.source is Source.RECORDER for sound in take.sound for file in sound.files)
        found = []
        for clip in own:
            if clip.proxy is None and heard:
                self._leave(f"{clip.name} ({whose})", f'it has no proxy; "onset media proxy {take.label}" makes it')
            elif (one := self._own(replace(clip, path=clip.proxy or clip.path), whose)) is not None:
                found.append(one)  # what has no sound beside it is its own proxy
        if not own:
            self.left_out += not_sure(take, angle.clips, whose)
            if not angle.clips:
                self._leave(whose, "no clip of it is in the log")
            elif sure_files(angle.clips):
                self._leave(whose, "it has no proxy, for nothing was recorded here; --clips sends its original")
        return tuple(found)

    def _with_sound(self, take: Take) -> Take:
        sound = tuple(
            replace(one, files=tuple(each for file in one.files if (each := self._heard(file, take)) is not None))
            for one in sure_sound(take)
        )
        return replace(take, sound=sound)

    def _rolls(self, take: Take) -> Take:
        self._leave(take.label, "it still rolls")
        return replace(take, angles=(), sound=())

    def _heard(self, file: SoundFile, take: Take) -> SoundFile | None:
        path = self._take_in(file, f"{take.label} {file.device}")
        return replace(file, path=path) if path is not None else None

    def _clip(self, clip: Clip, whose: str) -> Clip | None:
        path = self._take_in(clip, whose)
        return replace(clip, path=path) if path is not None else None

    def _own(self, clip: Clip, whose: str) -> Clip | None:
        where = self._folder / clip.path
        if not os.path.isfile(where):  # False too where a disk fails
            self._not_here(clip, whose, where)
            return None
        return replace(clip, path=self._give(path_elsewhere(clip.path, self._copies), where), proxy=None)

    def _take_in(self, medium: Clip | SoundFile, whose: str) -> str | None:
        """Have a file and all that belongs to it sent; its path in the folder, None where it is not here."""
        card = self._cards.get(medium.card or "")
        candidates = [self._folder / path for path in (places(medium.path, card) if card else [medium.path])]
        where = next(filter(os.path.isfile, candidates), None)
        if where is None:
            self._not_here(medium, whose, candidates[0])
            return None
        copies = [Path(copy.path) for copy in card.copies] if card else []
        root = next((copy for copy in copies if where.is_relative_to(copy)), None)
        if root is not None and card is not None:
            above = self._named(copies[0].name or "card", card.id)
            members = _members(root, where.relative_to(root).as_posix(), deep=True)
            return self._give_all(above, root, where, members)
        own = path_elsewhere(medium.path, self._copies)
        if medium.source is Source.RECORDER:
            return self._give(own, where)
        return self._give_all(
            own.rpartition("/")[0], where.parent, where, _members(where.parent, where.name, deep=False)
        )

    def _give_all(self, above: str, root: Path, where: Path, members: Sequence[str]) -> str:
        own = where.relative_to(root).as_posix()
        given = {path: self._give("/".join(filter(None, (above, path))), root / path) for path in (own, *members)}
        return given[own]

    def _give(self, path: str, where: Path) -> str:
        """A name in the folder, one that nothing else has."""
        if self.files.get(path) == where:
            return path
        folder, slash, name = path.rpartition("/")
        stem, dot, ending = name.rpartition(".") if "." in name else (name, "", "")
        number, free = 1, path
        while self._names.setdefault(free.casefold(), str(where)) != str(where):
            number += 1
            free = f"{folder}{slash}{stem}_{number}{dot}{ending}"
        self.files[free] = where
        return free

    def _named(self, name: str, whose: str) -> str:
        """A card's folder: two cards of one name do not become one."""
        number, free = 1, name
        while self._names.setdefault(f"{free.casefold()}/", whose) != whose:
            number += 1
            free = f"{name}_{number}"
        return free

    def _not_here(self, medium: Clip | SoundFile, whose: str, where: Path) -> None:
        self._leave(f"{medium.name} ({whose})", f"it is not at {safe_path(where)}; is its disk connected?")

    def _leave(self, what: str, why: str) -> None:
        self.left_out.append(LeftOut(safe_text(what), why))


@cache
def _on(root: Path, *, deep: bool) -> dict[str, OnCard]:
    """Clips and sound below a folder by each of their files; only in the folder itself where it is not `deep`."""
    try:
        if deep:
            listed = [
                CardFile(each.path, each.size, each.mtime_ns) for each in list_tree(root, is_litter).files.values()
            ]
        else:
            with os.scandir(root) as entries:
                listed = [CardFile(each.name, each.stat().st_size) for each in entries if each.is_file()]
    except OSError:
        return {}
    contents = clips_on(listed)
    return {path: clip for clip in (*contents.clips, *contents.sounds) for path in clip.files}


def _members(root: Path, path: str, *, deep: bool) -> tuple[str, ...]:
    """Spanned parts, frames and side-cars of a clip; nothing where names tell of none."""
    clip = _on(root, deep=deep).get(path)
    return (*clip.files, *clip.beside) if clip is not None else ()


class HandedBook:
    """A log as who gets the folder sees it: the takes that are sent have what is sent, under its path in the folder."""

    def __init__(self, log: Logbook, takes: Sequence[Take]) -> None:
        """Asks `log` on the caller's thread."""
        self._log = log
        self._takes = {take.id: take for take in takes}

    def takes(self, wanted: TakeFilter = TakeFilter()) -> Sequence[Take]:  # noqa: B008  # frozen
        return [self._takes.get(take.id, take) for take in self._log.takes(wanted)]

    def production(self) -> Production:
        return self._log.production()

    def units(self) -> Sequence[Unit]:
        return self._log.units()

    def days(self, unit: str = "Main") -> Sequence[Day]:
        return self._log.days(unit)

    def setups(self, *, scene: str | None = None) -> Sequence[Setup]:
        return self._log.setups(scene=scene)

    def scenes(self) -> Sequence[Scene]:
        return self._log.scenes()

    def media(self, *, unit: str = "Main", day: int | None = None) -> Sequence[Clip | SoundFile]:
        return self._log.media(unit=unit, day=day)

    def conflicts(self) -> Sequence[Conflict]:
        return self._log.conflicts()

    def cards(self) -> Sequence[Card]:
        return self._log.cards()
