"""What `onset demo` prints of a rehearsal: the takes as they are shot, and where everything is at the end."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from onset.cli.rehearsal_check import Checked
from onset.cli.rehearsal_wrap import Offloaded, Reconciled
from onset.domain.measures import in_bytes
from onset.domain.take import Kind, State, Status, Take
from onset.text import safe_path, safe_text


class TakeLines:
    """Shows the day as it is shot, a line a setup."""

    def __init__(self) -> None:
        self._slate = ""

    def tell(self, take: Take) -> None:
        """Add a take to its setup's line."""
        begin = "" if take.slate == self._slate else f"\n  {safe_text(take.slate):<6}"
        self._slate = take.slate
        print(f"{begin}  {_in_words(take)}", end="", flush=True)

    def end(self) -> None:
        """Close the last line, also where the day ended early."""
        if self._slate:
            print(flush=True)


def _in_words(take: Take) -> str:
    said = [
        "" if take.status is Status.NONE else str(take.status),
        "" if take.kind is Kind.NORMAL else str(take.kind),
        "MOS" if take.mos else "",
        "tail slate" if take.tail_slate else "",
        "interrupted" if take.state is State.INTERRUPTED else "",
    ]
    return safe_text(f"{take.take} {', '.join(filter(None, said))}".rstrip()) + ";"


def tell_end(
    checked: Checked, offloaded: Offloaded, reconciled: Reconciled, reports: list[Path], seconds: int, folder: Path
) -> None:
    """Say what came of the day and where things are, on one screen together with the takes."""
    same = "" if checked.problems else "; reopened, their timecode is the log's"
    print(f"\nrecorded   {checked.pictures} clips, {checked.sounds} sound files{same}")
    for problem in checked.problems:
        print(f"  WRONG    {problem}")
    label = safe_text(offloaded.label)
    print(f"offloaded  card {label}, {offloaded.files} files, {in_bytes(offloaded.size)}; read back, verified:")
    for copy in offloaded.copies:
        print(f"           {shown(copy)}")
    clips = reconciled.confirmed + reconciled.proposed + reconciled.strays
    states = (
        (reconciled.confirmed, "confirmed"),
        (reconciled.proposed, "proposed"),
        (reconciled.strays, "without a take"),
    )
    print(f"matched    {clips} clips of {label}: {', '.join(f'{count} {what}' for count, what in states if count)}")
    missing = f"; not offloaded yet: {safe_text(', '.join(reconciled.rolls_pending))}" * bool(reconciled.rolls_pending)
    print(f"reconciled {reconciled.open} open, {reconciled.pending} pending{missing}")
    print(f"card       {safe_text(reconciled.sentence.replace(f'{folder}/', ''))}")
    print("           (as it should be: card and copies share a disk here)")
    editor = [path for path in reports if path.stem.endswith("_editor")]
    for number, path in enumerate(editor):
        print(f"{'reports' if number == 0 else '':<10} {shown(path)}")
    others = [path.stem.rpartition("_")[2] for path in reports if path not in editor]
    print(f"           and beside them {', '.join(others)}")
    again = f"{program()} -p {shown(folder)}"
    print(f"done       in {seconds} s. Look at it with")
    print(f"           {again} reconcile")
    print(f"           {again}     (the app, at a terminal)")


def program() -> str:
    """How the person reaches onset, as it was reached now."""
    started = Path(sys.argv[0])
    return shown(started.absolute()) if started.name == "onset" and started.is_file() else "onset"


def shown(path: Path) -> str:
    """A path as a person here would type it: relative where it lies below this folder."""
    near = os.path.relpath(path)
    return safe_path(path if near.startswith(os.pardir) else near)
