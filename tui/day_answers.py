"""What the commands beside the Day screen answered: lines for its page and a sentence for the status line. Pure.

Used by the Day screen, which runs `onset wrap --check`, `onset wrap` and `onset exchange` (`tui/commands.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tui.commands import Answer, sentences
from tui.widgets.items import Item

SHOWN = 12  # sentences of a check
BELOW = "  "  # before what stands below the head of a section
_OWN = ("stamps", "credits")  # the page has them already, with the lines that mend them


@dataclass(frozen=True, slots=True)
class Told:
    """Lines for the page; `sentence` is said, empty where there is nothing to say."""

    items: Sequence[Item]
    sentence: str = ""
    alarm: bool = False


def checked(answer: Answer, at: str) -> Told:
    """What is missing before the day can end well, as it was `at` that time."""
    if not answer.document:
        return Told([_line(answer.words, faint=True)], answer.words, alarm=True)
    missing = [(what, each) for what, each in sentences(answer.document, "missing") if what not in _OWN]
    things = f"{len(missing)} more thing{' is' if len(missing) == 1 else 's are'} missing"
    head = f"checked at {at}: {things if missing else 'nothing more is missing'}"
    items = [_line(head, faint=True), *(_line(f"{what}: {each}") for what, each in missing[:SHOWN])]
    left = len(missing) - SHOWN
    return Told([*items, _line(f"{left} more", faint=True)] if left > 0 else items)


def finished(answer: Answer, number: int) -> Told:
    """What the end of a day made: the backup, and the folder for each recipient; and what is open."""
    backup, folder = answer.document.get("backup"), answer.document.get("folder")
    made = {"folder": folder, "backup": backup.get("path") if isinstance(backup, dict) else None}
    items = [Item(str(path or "none"), lead=f"{BELOW}{what}: ") for what, path in made.items()]
    items += [_line(f"{what}: {each}") for what, each in sentences(answer.document, "open")[:SHOWN]]
    problem = answer.document.get("folder_problem")
    items += [_line(str(problem), alarm=True)] if problem else []
    items += [_line(answer.words, alarm=answer.code != 0)] if answer.words else []
    there = [what for what in ("backup", "folder") if made[what]]
    words = f"{' and '.join(there)} {'are' if len(there) > 1 else 'is'} made. " if there and not answer.code else ""
    return Told(items, f"Day {number}: {words}{answer.words}".rstrip(), alarm=answer.code != 0)


def met(answer: Answer, at: str) -> Told:
    """Which logs of other laptops were met `at` that time, and what came from each."""
    came = answer.document.get("came")
    files = [each for each in came if isinstance(each, dict)] if isinstance(came, list) else []
    head = f"met at {at}: {_counted(len(files), 'other log')}"
    items = [_line(head, faint=True)]
    for each in files:
        news = ", ".join(_counted(each.get(f"{what}s"), what) for what in ("edit", "take"))
        items.append(_line(f"{each.get('by') or each.get('name')}: {each.get('problem') or news}"))
    if answer.code:
        return Told(items, answer.words or "Something could not be taken in; see below.", alarm=True)
    return Told(items, f"{head.capitalize()}.")


def _line(text: str, *, alarm: bool = False, faint: bool = False) -> Item:
    return Item(text, lead=BELOW, alarm=alarm, faint=faint)


def _counted(number: object, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"
