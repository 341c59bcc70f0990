"""What `onset offload` says before the first byte, and what it asks.

The plan itself is made in `onset/offload/plan.py`.
"""

from __future__ import annotations

import os
import threading
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from onset.cli.asking import ask, is_terminal
from onset.cli.offload_progress import spell_seconds
from onset.domain.measures import in_bytes
from onset.errors import OffloadError, RefusedError
from onset.offload.disks import standing, whole_disks
from onset.offload.plan import Plan, spell_moment, spell_room
from onset.text import safe_text

if TYPE_CHECKING:
    from onset.domain.card import Card as Logged
    from onset.logbook.protocol import Logbook
    from onset.offload.card import Card


def with_log(plan: Plan, production: Path | None) -> Plan:
    """The same, with what the log knows of this very card where no job here does: another laptop copied it."""
    from onset.cli.find import open_logbook

    if production is None or plan.earlier:
        return plan
    logbook = open_logbook(production, role="dit")
    try:
        known = next((each for each in logbook.cards() if each.fingerprint == plan.card.fingerprint), None)
        card = known or _of_same_clips(logbook, plan.card)
        who = _copied_by(logbook, card) if card is not None else ""
    finally:
        logbook.close()
    if card is None:
        return plan
    there = ", ".join(safe_text(copy.path) for copy in card.copies) or "nowhere that is known"
    verdict = "not safe any more" if card.held_back_by else card.verdict
    copied = f"copied {who}{spell_moment(card.wall_ns)} to {there} ({verdict})"
    was, label = safe_text(card.label), safe_text(plan.card.label)
    if known is None:
        alike = (
            f"the log has a card with the very clips of this one, {was}: {copied}; its dates or its volume are others"
        )
        return replace(plan, notes=(*plan.notes, alike))
    if card.label == plan.card.label:
        return replace(plan, notes=(*plan.notes, f"the log has this card already: {copied}"))
    renamed = f"The log has this card as {was}: {copied}; now it is called {label}"
    again = any(not place.present for place in plan.places)
    return replace(plan, notes=(*plan.notes, renamed), renamed=renamed if again else None)


def _of_same_clips(logbook: Logbook, card: Card) -> Logged | None:
    """A card of the log that has as many files and bytes, and clips of the same names and sizes.

    A fingerprint holds the files' dates, which FAT keeps in the local time of whoever reads it, and the volume's id,
    which not every system tells: the same card has another one on another laptop. A card that was copied on this one
    would have the same. Worth a note and no more, as short clips of two cards may be alike.
    """
    from onset.camera.clips import CardFile, clips_on
    from onset.offload.journal import find_jobs, jobs_folder
    from onset.reel import clip_key

    alike = [each for each in logbook.cards() if (each.files, each.size) == (len(card.tree.files), card.tree.bytes)]
    here = {job.sheet.fingerprint for job in find_jobs(jobs_folder(os.environ))} if alike else set()
    alike = [each for each in alike if each.fingerprint not in here]
    if not alike:
        return None
    found = clips_on(CardFile(each.path, each.size) for each in card.tree.files.values())
    held = sorted((clip_key(clip.name), clip.size) for clip in (*found.clips, *found.sounds))
    for each in alike if held else ():
        media = logbook.media(unit=each.unit, day=None)
        if held == sorted((clip_key(one.name), one.size or 0) for one in media if one.card == each.id):
            return each
    return None


def _copied_by(logbook: Logbook, card: Logged) -> str:
    """`by Noor, dit, `: the seat that offloaded it last; empty where the log does not tell."""
    from onset.logbook.terms import Thing

    with suppress(RefusedError):
        made = logbook.history(of=Thing(kind="card", label=card.label), field="wall_ns")
        who = next((each.seat_name for each in made if each.entity_id == card.id), "")
        return f"by {safe_text(who)}, " if who else ""
    return ""


def with_system_disk(plan: Plan) -> Plan:
    """The same, naming the targets on the disk that this computer runs from, unless that was said of its media.

    It may be meant so, or the disk that belongs there is not mounted: worth knowing before it fills up. The result
    says it in the same words.
    """
    system = whole_disks(Path("/"))
    folders = [place.folder for place in plan.places if whole_disks(standing(place.folder)) & system]
    notes = [f"{safe_text(str(folder))} lies on this computer's system disk" for folder in folders]
    return replace(plan, notes=(*plan.notes, *(note for note in notes if note not in plan.media)))


def tell_plan(plan: Plan) -> None:
    """Card, time and room for people, on stdout; nobody has to read it."""
    tree = plan.card.tree
    eta = "" if plan.eta_s is None else f", about {spell_seconds(max(1.0, plan.eta_s))} by the last copies"
    number = len(tree.files)
    lines = [f"{safe_text(plan.card.label)}: {number} file{'s'[: number != 1]}, {in_bytes(tree.bytes)}{eta}"]
    lines += [f"  note: {note}" for note in (*plan.notes, *plan.media)]
    lines += [f"  {spell_room(room)}" for room in plan.rooms]
    with suppress(OSError):  # a copy is not given up because its reader went away
        print("\n".join(lines), flush=True)


def agree(plan: Plan, label: str | None, stop: threading.Event) -> None:
    """Go on only with a card that is the one its name stands for, or whose name a person gave.

    A card that was offloaded under another name is asked about even so: the name that was given may be a slip.

    Args:
        plan: of the job.
        label: as it was given on the command line; None where the folder's name stands for it.
        stop: Ctrl-C.

    Raises:
        OffloadError: nobody could be asked, or the answer was no.
    """
    name = safe_text(plan.card.label)
    if plan.renamed is not None:
        if is_terminal():
            if not ask(f"{plan.renamed}. Copy it once more as {name}?", stop):
                raise OffloadError(f"Nothing was copied; {name} has its copies under the name it had.")
        elif label is None:
            what = "If it is to be copied once more under that name, say so"
            raise OffloadError(f"{plan.renamed}. {what}: give --label {name}.")
    if plan.other_card is None or label is not None:
        return
    if not is_terminal():
        raise OffloadError(f"{plan.other_card}. If it is another card, say so: give --label, its own name.")
    if not ask(f"{plan.other_card}. Copy it?", stop):
        raise OffloadError("Nothing was copied; give --label to name the card otherwise.")
