"""What is on paper of a card: the manifests of its copies, shown; the day's offload report, printed and opened.

Used by the Offload screen. Manifests lie on the targets, so they are read in a thread that nobody waits for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from onset.errors import ManifestError, OnsetError, RefusedError, ReportError
from onset.text import safe_path, safe_text
from tui.disk_question import DiskQuestion
from tui.hand import Hand
from tui.paper_desk import Sort
from tui.player import view
from tui.widgets.rows import Row

if TYPE_CHECKING:
    from onset.mhl.info import Account, Generation
    from tui.card_board import Entry

_FILES = 200  # of a manifest that are named; "onset mhl info" names all
Say = Callable[[str, bool], None]


class CardPapers:
    """Shows and prints."""

    def __init__(self, hand: Hand, say: Say) -> None:
        """`say` gets the sentence, and whether it is an alarm."""
        self._hand = hand
        self._say = say
        self._disks: DiskQuestion[list[Row]] = DiskQuestion()

    async def print_report(self, day: int) -> None:
        """Print the offload report of a day where `onset report` does, and open it in the configured viewer."""
        papers, unit = self._hand.deps.papers, self._hand.deps.unit
        if papers is None:
            self._say("Nobody makes reports here.", False)
            return
        self._say(f"The offload report of day {day} is being printed …", False)
        try:
            path = await self._hand.aside.ask(lambda log, _: papers.print_to_file(log, Sort("offload"), day, unit))
        except OnsetError as error:
            self._say(str(error), not isinstance(error, RefusedError | ReportError))
        else:
            view(self._hand.deps.config.screen.viewer, path, self._say)

    async def read_manifests(self, entry: Entry) -> list[Row] | None:
        """The manifests of a card's copies as rows; None where no disk answered, which is said."""
        folders = folders_of(entry)
        if not folders:
            self._say(f"{entry.label} has no copies yet, so there is no manifest.", False)
            return None
        try:
            rows = await self._disks.ask(partial(manifest_rows, folders))
        except OSError as error:
            self._say(f"The manifests cannot be read: {error.strerror}.", True)
            return None
        if rows is None:
            self._say("The disk of a copy does not answer.", True)
        return rows


def folders_of(entry: Entry) -> list[str]:
    """The folders that a card's copies lie in, or were to."""
    known = [copy.path for copy in entry.known.card.copies] if entry.known is not None else []
    asked = list(entry.job.sheet.folders) if entry.job is not None else []
    return list(dict.fromkeys([*known, *asked]))


def manifest_rows(folders: Sequence[str]) -> list[Row]:
    """What the histories of these copies say; reads no media."""
    from onset.mhl.info import account_of

    rows: list[Row] = []
    first: Account | None = None
    for folder in folders:
        rows.append(Row(safe_path(folder)))
        try:
            account = account_of(Path(folder))
        except ManifestError as error:
            rows.append(Row(f"  {error}", alarm=True))
            continue
        first = first or account
        rows += [_generation_row(each) for each in account.generations]
        rows += [Row(f"  {safe_text(name)} is not in the chain", alarm=True) for name in account.strangers]
    return rows + (_file_rows(first) if first is not None else [])


def _generation_row(generation: Generation) -> Row:
    """`1  2026-03-05T14:32:00+00:00  transfer: 41 files, md5, chain intact`."""
    from onset.mhl.info import Seal, failures

    said, number = generation.manifest, generation.number
    if said is None:
        return Row(f"  {number}  {safe_text(generation.name)}: {generation.seal}", alarm=True)
    forms = sorted({entry.format.value for record in said.files for entry in record.entries})
    failed = failures(said)
    parts = [f"{len(said.files)} file{'s'[: len(said.files) != 1]}", *forms]
    parts += [f"{failed} FAILED"] if failed else []
    made = said.creator.created if said.creator is not None else ""
    process = said.process.value if said.process is not None else "made"
    words = f"  {number}  {safe_text(made)}  {process}: {', '.join(parts)}, chain {generation.seal}"
    return Row(words, alarm=bool(failed) or generation.seal is not Seal.INTACT)


def _file_rows(account: Account) -> list[Row]:
    """Each file with its newest digest, as the first copy that can be read has it."""
    digests = {
        record.path: f"{record.entries[-1].format} {record.entries[-1].digest}"
        for generation in account.generations
        if generation.manifest is not None
        for record in generation.manifest.files
        if record.entries
    }
    rows = [Row(f"{safe_text(path)}  ", more=safe_text(digest)) for path, digest in sorted(digests.items())[:_FILES]]
    left = len(digests) - len(rows)
    return rows + (
        [Row(f"… and {left} more: onset mhl info {safe_path(account.root)}", faint=True)] if left > 0 else []
    )
