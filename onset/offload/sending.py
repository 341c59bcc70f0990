"""Files of takes, wherever they lie, copied to a disk as one folder with one manifest: what `onset send` asks for.

The job is an offload whose card is put together: nothing else copies here, so that space, read-back, manifest, queue,
resuming and a disk that is pulled are what they are for a card. What such a job cannot say is whether a card is safe.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from onset.clock import Clock
from onset.errors import OffloadError
from onset.mhl.tree import FileEntry, Tree
from onset.offload.card import Card, fingerprint
from onset.offload.disks import whole_disks
from onset.offload.giveway import Recorder
from onset.offload.job import OffloadJob, Request
from onset.offload.journal import JobSheet, JobSummary
from onset.offload.outcome import Gravity, Outcome
from onset.offload.place import Place
from onset.offload.plan import Plan
from onset.offload.preflight import long_paths
from onset.offload.sink import Sink
from onset.text import safe_path

SENT, NOT_SENT = "sent", "not sent"


@dataclass(frozen=True, slots=True)
class Sent:
    """What is sent.

    Attributes:
        label: what people call it (`selects of day 3`).
        home: the production's folder.
        files: path in the folder that is made, to where the file lies (absolute).
        made: likewise, of files that were made for this folder and have no date of their own: their bytes are part of
            what tells one sending from another.
        again: the words behind `onset` that give the command again.
    """

    label: str
    home: Path
    files: Mapping[str, Path]
    made: Mapping[str, Path]
    again: tuple[str, ...]


class Sending(OffloadJob):
    """Copies files from where they lie into one folder on each target."""

    def __init__(self, request: Request, sent: Sent, clock: Clock, state: Path, recorder: Recorder | None) -> None:
        """As for any job, but what is copied is in `sent` and the `card` of the request is its home."""
        super().__init__(replace(request, card=sent.home, label=sent.label, then=()), clock, state, recorder)
        self._sent = sent

    def _scan(self) -> Card:
        tree = _tree(self._sent)
        made = hashlib.sha256(b"\0".join(path.read_bytes() for path in self._sent.made.values())).hexdigest()
        folders = {Path(entry.source).parent for entry in tree.files.values()}
        disks = frozenset[str]().union(*(whole_disks(folder) for folder in folders))
        home = Path(os.path.realpath(self._sent.home))
        mine = fingerprint(tree, made)
        # Two choices of takes may agree in names, sizes and dates; the label of a card tells such apart.
        return Card(home, f"{self._sent.label} {mine[:8]}", tree, mine, disks, None)

    def plan(self) -> Plan:
        """As for any job; what is said of cards does not concern these."""
        plan = super().plan()
        notes = [_beside(place) for place in plan.places if place.warning is not None]
        notes += long_paths(plan.card, plan.places)
        self._warnings = notes
        self._planned = replace(plan, notes=tuple(notes), other_card=None, media=(), renamed=None)
        return self._planned

    def _sheet(self, card: Card, places: Sequence[Place], earlier: Sequence[JobSummary]) -> tuple[JobSheet, bool]:
        sheet, resumed = super()._sheet(card, places, earlier)
        return replace(sheet, label=self._sent.label, sends=self._sent.again), resumed

    def _look_again(self, card: Card) -> None:
        told = {problem.path for outcome in self._outcomes.values() for problem in outcome.problems}
        for path, entry in card.tree.files.items():
            if path not in told and _entry(path, Path(entry.source)) != entry:
                self._note(path, None, "was changed while it was copied", Gravity.INCOMPLETE)

    def _judge(
        self, card: Card, sinks: Sequence[Sink], sheet: JobSheet, sealed: Mapping[int, tuple[str, int]], began: int
    ) -> Outcome:
        outcome = super()._judge(card, sinks, sheet, sealed, began)
        problems = tuple(replace(each, what=_of_no_card(each.what)) for each in outcome.problems)
        whole = all(target.manifest is not None and not target.failed for target in outcome.targets)
        word = SENT if whole and not outcome.exit_code else NOT_SENT
        return replace(
            outcome,
            label=self._sent.label,
            problems=problems,
            verdict=word,
            reasons=(),
            warnings=tuple(dict.fromkeys(self._warnings)),
        )


def _tree(sent: Sent) -> Tree:
    """What is sent as a card would list it, with folders above the files.

    Raises:
        OffloadError: a file is gone, or is no plain file; names it.
    """
    tree = Tree()
    newest = 0
    for path, where in sorted(sent.files.items()):
        entry = _entry(path, where)
        if entry is None:
            raise OffloadError(
                f"{safe_path(where)} is not there any more; connect its disk and give the command again."
            )
        tree.files[path] = entry
        newest = max(newest, entry.mtime_ns)
    for path, where in sorted(sent.made.items()):
        os.utime(where, ns=(newest, newest))
        made = _entry(path, where)
        if made is None:
            raise OffloadError(f"{safe_path(where)} vanished; give the command again.")
        tree.files[path] = made
    tree.files = {path: tree.files[path] for path in sorted(tree.files)}
    above = {str(folder) for path in tree.files for folder in PurePosixPath(path).parents if str(folder) != "."}
    tree.folders = dict.fromkeys(sorted(above), newest)
    return tree


def _entry(path: str, where: Path) -> FileEntry | None:
    """A file as it lies there now; None where there is no plain one."""
    try:
        found = os.stat(where)
    except OSError:
        return None
    real = os.path.realpath(where)
    return FileEntry(path, found.st_size, found.st_mtime_ns, found.st_ino, real) if os.path.isfile(real) else None


def _of_no_card(what: str) -> str:
    """Words of a card's job about files that lie anywhere."""
    return what.replace(" on the card", "").replace("the card", "its disk")


def _beside(place: Place) -> str:
    wanted = safe_path(place.target.path / place.target.folder)
    return f"{wanted} holds something else, or another choice of takes; this goes to {safe_path(place.folder)}"
