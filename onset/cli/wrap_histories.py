"""The shooting day's own history on each disk: which folders can have one, and making it.

Used by `onset wrap`, which tells of them, and with `--histories` makes them. One command checks a whole day then:
`onset verify DAYFOLDER`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from onset.errors import ManifestError, OnsetError
from onset.text import safe_path, safe_text

if TYPE_CHECKING:
    from onset.config import Config
    from onset.domain.card import Card
    from onset.mhl.check import Verification
    from onset.targets import TargetConfig


@dataclass(frozen=True, slots=True)
class DayFolder:
    """A folder that holds copies of the day's cards and nothing else.

    Attributes:
        folder: where.
        cards: copies in it.
        whole: its history names the newest generation of each of them.
    """

    folder: Path
    cards: tuple[Path, ...]
    whole: bool

    @property
    def told(self) -> str:
        """The folder, and how much is in it."""
        return f"{safe_path(self.folder)} ({len(self.cards)} card{'s'[: len(self.cards) != 1]})"

    @property
    def sentence(self) -> str:
        """What is left to do there."""
        return f"{self.told} has no history of the whole day; onset wrap --histories makes it"


def day_folders(cards: Iterable[Card], targets: Sequence[TargetConfig]) -> list[DayFolder]:
    """The folders that hold copies of these cards and nothing else; only what is mounted now.

    A folder in which other things lie, another day's cards say, is not the day's: all of it would have to be read.
    """
    copies = {Path(copy.path) for card in cards for copy in card.copies if copy.manifest and Path(copy.path).is_dir()}
    found: dict[Path, list[Path]] = {}
    for copy in sorted(copies):
        found.setdefault(_day_of(copy, targets), []).append(copy)
    return [
        DayFolder(top, tuple(below), _is_whole(top, below)) for top, below in found.items() if _holds_only(top, copies)
    ]


def _day_of(copy: Path, targets: Sequence[TargetConfig]) -> Path:
    """The folder that a target's template names by the day; where none does, the one that the copy lies in."""
    for target in targets:
        if target.folder and copy.is_relative_to(target.path):
            inside = copy.relative_to(target.path).parts
            for number, part in enumerate(target.folder.split("/")[: len(inside) - 1]):
                if "{day}" in part or "{date}" in part:
                    return target.path.joinpath(*inside[: number + 1])
    return copy.parent


def _holds_only(folder: Path, copies: set[Path]) -> bool:
    """Whether all that lies there is copies, folders that hold only copies, and what onset puts beside them."""
    from onset.mhl.tree import FOLDER
    from onset.offload.card import is_litter
    from onset.offload.names import JOB_LOG

    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                is_folder = entry.is_dir(follow_symlinks=False)
                if entry.name == FOLDER or entry.name.endswith(JOB_LOG) or is_litter(entry.name, is_folder):
                    continue
                path = folder / entry.name
                if not is_folder or (path not in copies and not _holds_only(path, copies)):
                    return False
    except OSError:
        return False
    return True


def _is_whole(top: Path, cards: Sequence[Path]) -> bool:
    from onset.mhl.asc import read_chain
    from onset.mhl.history import load_history
    from onset.mhl.tree import CHAIN, FOLDER

    with suppress(ManifestError, OSError):
        referred = load_history(top).references
        return all(
            referred.get(card.relative_to(top).as_posix())
            in [link.name for link in read_chain(card / FOLDER / CHAIN)[-1:]]
            for card in cards
        )
    return False


def make_histories(folders: Iterable[DayFolder], config: Config) -> tuple[list[DayFolder], int]:
    """Verify each card of each folder and write the day's generation above them; all of it is read.

    Returns:
        Which have one now, and the highest exit code of those that do not (0 when all have).
    """
    from onset.cli.offload_targets import signed_by
    from onset.cli.verify import read_around_cache, shown
    from onset.clock import SystemClock
    from onset.mhl.create import Order, create
    from onset.mhl.reading import Tally
    from onset.offload.card import LITTER_PATTERNS

    authors, location = signed_by(config.offload)
    order = Order((), LITTER_PATTERNS, None, authors, location)
    made: list[DayFolder] = []
    worst = 0
    for each in folders:
        if each.whole:
            made.append(each)
            continue

        def work(tally: Tally, top: Path = each.folder) -> Verification:
            return create(top, order, read_around_cache, SystemClock(), tally)

        try:
            done = shown(work, "hashing")
        except OnsetError as error:
            print(f"onset: {safe_text(str(error))}", file=sys.stderr)
            worst = max(worst, error.exit_code)
            continue
        except OSError as error:  # a disk that went away meanwhile
            print(f"onset: {safe_path(each.folder)} cannot be read ({error.strerror}).", file=sys.stderr)
            worst = max(worst, 10)
            continue
        for trouble in done.troubles:
            where = safe_path(each.folder / trouble.path)
            print(f"onset: {where}: {safe_text(trouble.what)}", file=sys.stderr)
        if done.exit_code or done.generation is None:
            worst = max(worst, done.exit_code or 1)
        else:
            made.append(each)
    return made, worst
