"""`onset card`: may this card be formatted; and the act of a named person who clears it.

Run by people and by programs (`--json`). The answer is made in `onset/reconcile/card.py`; a card in a reader is
compared with the log by its fingerprint, which no label can replace.
"""

from __future__ import annotations

import argparse
import json
import os
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from onset.clock import SystemClock
from onset.errors import RefusedError, UsageError
from onset.text import safe_path, safe_text

if TYPE_CHECKING:
    from onset.cli.main import CommandParser
    from onset.domain.card import Card
    from onset.logbook.protocol import Logbook
    from onset.reconcile.board import CardVerdict

_EXAMPLES = """\
examples:
  onset card                                   every card in one line
  onset card A014                              may A014 be formatted, and why
  onset card /media/A014                       the card in the reader: is it what was offloaded
  onset card A014 --clear --by Maya            Maya clears it for formatting
  onset card A014 --clear --by Maya --note "42C/5 was never shot on A"
  onset card A014 --not-cleared --by Maya      and takes that back

"safe" means that enough complete copies were read back and that every take the log expects on the card is linked to a
clip there, every clip to a take, or a person gave the reason why not. "cleared" means that a named person said so too,
for exactly what was on the card then. A note with --clear is the reason for everything the log still misses; bad copies
are never cleared.

Exit codes: 0 answered, whatever the answer; 1 no such card, or clearing it was refused; with --require-safe also 1 when
it is not safe. Two cards that share a label are both answered; the first letters of a fingerprint name one.
"""
_NS = 1_000_000_000
_WIDTH = 80


def add_parser(subparsers: argparse._SubParsersAction[CommandParser]) -> None:
    """Describe the command."""
    parser = subparsers.add_parser(
        "card",
        help="may a card be formatted",
        description="Whether a card may be formatted: its copies, what the log expects on it, and who cleared it.",
        epilog=_EXAMPLES,
    )
    parser.add_argument("card", metavar="CARD", nargs="?", help="its label, or the folder where it is mounted")
    act = parser.add_mutually_exclusive_group()
    act.add_argument("--clear", action="store_true", help="clear it for formatting; asks for --by")
    act.add_argument("--not-cleared", action="store_true", help="take a clearing back; asks for --by")
    parser.add_argument("--by", metavar="NAME", help="who clears it")
    parser.add_argument("--note", metavar="TEXT", default="", help="the reason for what the log still misses")
    parser.add_argument("--require-safe", action="store_true", help="exit 1 unless it is safe or cleared")
    parser.add_argument("--json", action="store_true", help="the answer as one JSON document on stdout")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Answer.

    Raises:
        UsageError: options that do not go together.
        RefusedError: no such card, or it cannot be cleared.
        OnsetError: the log cannot be read, or the folder is no card.
    """
    from onset.cli.find import find_production, open_logbook, told
    from onset.cli.matching import match_days
    from onset.reconcile.bad_copies import looked_at

    acts = args.clear or args.not_cleared
    if acts and (args.card is None or not (args.by or "").strip()):
        raise UsageError('Clearing names a card and a person: "onset card A014 --clear --by Maya".')
    if (args.by or args.note) and not acts:
        raise UsageError("--by and --note belong to --clear or --not-cleared.")
    production = find_production(args)
    logbook = open_logbook(production, role="dit", author=args.by)
    try:
        if args.card is None:
            return _answer_all(logbook, args)
        meant = _meant(logbook, args.card)
        if isinstance(meant, Stranger):
            return _answer_stranger(meant, args, refuse=acts)
        meant = looked_at(logbook, meant, SystemClock().wall_ns())
        for card in meant:
            if card.day is not None:
                match_days(logbook, card.unit, {card.day})
        code = _answer(logbook, [_act(logbook, meant, args)] if acts else meant, args)
    finally:
        logbook.close()
    return told(logbook, code)


# -- which card ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Stranger:
    """A card in a reader that the log does not have, or not as it is now; `reason` says which."""

    label: str
    fingerprint: str
    files: int
    size: int
    reason: str


def _meant(logbook: Logbook, given: str) -> Sequence[Card] | Stranger:
    """The cards that are meant: by label, or the one that lies in a folder.

    Raises:
        RefusedError: the log has no card of that label.
        OffloadError: the folder holds no card.
    """
    from onset.reconcile.card import cards_named

    looks_like_folder = os.sep in given or given.startswith(("~", "."))
    if not looks_like_folder:
        found = list(cards_named(logbook, given))
        if found:
            return found
    path = Path(os.path.abspath(os.path.expanduser(given)))
    if looks_like_folder or path.is_dir():
        inside = _in_folder(logbook, path)
        return inside if isinstance(inside, Stranger) else [inside]
    labels = [card.label for card in logbook.cards()]
    near = get_close_matches(given, labels, n=1, cutoff=0.5)
    hint = f"did you mean {safe_text(near[0])}?" if near else "an offload inside the production makes it known."
    raise RefusedError(f'No card "{safe_text(given)}" is in this log; {hint}')


def _in_folder(logbook: Logbook, path: Path) -> Card | Stranger:
    """The card in a folder, by its fingerprint."""
    from onset.offload.card import scan_card
    from onset.reconcile.card import cards_named

    there = scan_card(path)
    same = next((card for card in logbook.cards() if card.fingerprint == there.fingerprint), None)
    if same is not None:
        return same
    files = len(there.tree.files)
    known = cards_named(logbook, there.label)
    reason = f"what lies in {safe_path(path)} was never offloaded into this log"
    if known:
        was = known[0]
        reason = (
            f"it is not what was offloaded as {safe_text(was.label)} on {_time(was.wall_ns)}; "
            f"then it held {was.files} files, now {files}"
        )
    return Stranger(there.label, there.fingerprint, files, there.tree.bytes, reason)


def _answer_stranger(card: Stranger, args: argparse.Namespace, *, refuse: bool) -> int:
    """Say that this card must not be formatted, because the log does not know it as it is."""
    sentence = f"Do NOT format {safe_text(card.label)}: {card.reason}."
    if refuse:
        raise RefusedError(sentence)
    if args.json:
        shown = {
            "card": card.label,
            "fingerprint": card.fingerprint,
            "files": card.files,
            "bytes": card.size,
            "verdict": "not safe",
            "sentence": sentence,
            "reasons": [card.reason],
            "copies": None,
            "log": None,
            "cleared_by": None,
            "superseded": False,
            "as_of": _stamp(SystemClock().wall_ns()),
        }
        print(json.dumps(shown, indent=2))
    else:
        print(sentence)
    return 1 if args.require_safe else 0


# -- the act ---------------------------------------------------------------------------------------------------------


def _act(logbook: Logbook, cards: Sequence[Card], args: argparse.Namespace) -> Card:
    """Clear a card, or take that back."""
    from onset.reconcile.card import clear, consent

    replaced = {card.supersedes for card in logbook.cards()}
    newest = [card for card in cards if card.id not in replaced]
    if len(newest) > 1:
        marks = ", ".join(f"{card.fingerprint[:8]} ({_time(card.wall_ns)})" for card in newest)
        raise RefusedError(f"{len(newest)} cards are called {safe_text(args.card)}: {marks}; name one by that.")
    card = (newest or list(cards))[0]
    if args.not_cleared:
        return logbook.clear_card(card.id, by=args.by, note=args.note, cleared=False)
    gaps = consent(logbook, card, by=args.by, note=args.note, as_of_ns=SystemClock().wall_ns())
    return clear(logbook, card, gaps, by=args.by, note=args.note)


# -- the answer ------------------------------------------------------------------------------------------------------


def _answer_all(logbook: Logbook, args: argparse.Namespace) -> int:
    """All cards, one line each."""
    from onset.reconcile.bad_copies import looked_at
    from onset.reconcile.card import card_verdicts

    now_ns = SystemClock().wall_ns()
    cards = looked_at(logbook, logbook.cards(), now_ns)
    verdicts = card_verdicts(logbook, cards, as_of_ns=now_ns)
    if args.json:
        shown = [_as_json(card, verdict) for card, verdict in zip(cards, verdicts, strict=True)]
        print(json.dumps({"cards": shown}, indent=2))
    elif not cards:
        print("No card is in this log yet; an offload inside the production makes it known.")
    else:
        labels = [card.label for card in cards]
        for card, verdict in zip(cards, verdicts, strict=True):
            print(_line(card, verdict, alone=labels.count(card.label) == 1))
    return _code(verdicts, args)


def _line(card: Card, verdict: CardVerdict, *, alone: bool) -> str:
    """A card in one line: `A014  safe  2026-11-21 14:02  12 clips`, with its fingerprint where another is called so."""
    word = "older" if verdict.superseded else verdict.verdict
    word = word.upper() if word == "not safe" else word
    clips = "clips unknown" if card.clips is None else f"{card.clips} clip{'' if card.clips == 1 else 's'}"
    rest = f"cleared by {safe_text(card.cleared_by)}" if verdict.verdict == "cleared" else ""
    if verdict.verdict == "not safe":
        rest = verdict.reasons[0]
    rest = rest if alone else f"{card.fingerprint[:8]}  {rest}"
    line = f"{safe_text(card.label):<10} {word:<11} {_time(card.wall_ns)}  {clips:<9} {rest}".rstrip()
    return line if len(line) <= _WIDTH else line[: _WIDTH - 1] + "…"


def _answer(logbook: Logbook, cards: Sequence[Card], args: argparse.Namespace) -> int:
    """One card, or several of one label, with the evidence."""
    from onset.reconcile.card import card_verdicts

    verdicts = card_verdicts(logbook, cards, as_of_ns=SystemClock().wall_ns())
    if args.json:
        shown = [_as_json(card, verdict) for card, verdict in zip(cards, verdicts, strict=True)]
        print(json.dumps(shown[0] if len(shown) == 1 else {"cards": shown}, indent=2))
    else:
        standing = sum(not verdict.superseded for verdict in verdicts)
        if standing > 1:  # the first line answers: it must not be the yes of one of them
            print(
                f"{standing} cards are called {safe_text(args.card)}; ask for the one by its fingerprint or its folder."
            )
        for place, (card, verdict) in enumerate(zip(cards, verdicts, strict=True)):
            if place or standing > 1:
                print()
            _tell(card, verdict)
    return _code(verdicts, args)


def _code(verdicts: Sequence[CardVerdict], args: argparse.Namespace) -> int:
    newest = [verdict for verdict in verdicts if not verdict.superseded] or verdicts  # an old state alone is no answer
    return 1 if args.require_safe and any(verdict.verdict == "not safe" for verdict in newest) else 0


def _tell(card: Card, verdict: CardVerdict) -> None:
    """The answer for people: the sentence, then what it rests on."""
    from onset.reconcile.card_log import count

    print(verdict.sentence)  # one line, however long: "the first line answers"
    _say(f"  COPIES: {verdict.copies.sentence}", 4)
    for copy in card.copies:
        seen = "mounted" if safe_path(copy.path) in verdict.copies.mounted else "not seen now"
        proven = f"{copy.verified} verified (read back: {safe_text(copy.read_back)})"
        proven += f", {copy.failed} not" if copy.failed else ""
        proven += f", but {verdict.copies.bad[copy.path]}" if copy.path in verdict.copies.bad else ""
        _say(f"    {safe_path(copy.path)}: {proven}, {seen}", 6)
    _say(f"  LOG: {verdict.log.sentence}", 4)
    for what, names in (
        ("without a clip", verdict.log.without_clip),
        ("without a take", verdict.log.without_take),
        ("unreadable", verdict.log.unreadable),
    ):
        for name in names:
            print(f"    {what}: {name}")
    if card.cleared_by:
        note = f": {safe_text(card.cleared_note)}" if card.cleared_note else ""
        _say(f"  cleared by {safe_text(card.cleared_by)} {_time(card.cleared_ns or 0)}{note}", 4)
    of = f"unit {safe_text(card.unit)}" + (f", day {card.day}" if card.day is not None else "")
    print(f"  {count(card.files, 'file')}, fingerprint {card.fingerprint[:8]}, {of}; as of {_time(verdict.as_of_ns)}")


def _say(text: str, indent: int) -> None:
    """In the columns of a terminal; a path is never broken, so that it can be copied."""
    print(textwrap.fill(text, _WIDTH, subsequent_indent=" " * indent, break_long_words=False, break_on_hyphens=False))


def _time(wall_ns: int) -> str:
    """`2026-11-21 14:02` in this machine's zone."""
    return f"{datetime.fromtimestamp(wall_ns / _NS, UTC).astimezone():%Y-%m-%d %H:%M}"


def _stamp(wall_ns: int | None) -> str | None:
    return None if wall_ns is None else datetime.fromtimestamp(wall_ns / _NS, UTC).isoformat(timespec="seconds")


def _as_json(card: Card, verdict: CardVerdict) -> dict[str, object]:
    copies, log = verdict.copies, verdict.log
    return {
        "card": card.label,
        "id": card.id,
        "fingerprint": card.fingerprint,
        "unit": card.unit,
        "day": card.day,
        "camera": card.camera,
        "reel": card.reel,
        "files": card.files,
        "bytes": card.size,
        "clips": card.clips,
        "verdict": verdict.verdict,
        "sentence": verdict.sentence,
        "reasons": list(verdict.reasons),
        "copies": {
            "ok": copies.ok,
            "verdict": copies.verdict,
            "reasons": list(copies.reasons),
            "as_of": _stamp(copies.as_of_ns),
            "mounted": list(copies.mounted),
            "away": list(copies.away),
            "copies": [
                {
                    "path": copy.path,
                    "verified": copy.verified,
                    "failed": copy.failed,
                    "read_back": copy.read_back,
                    "manifest": copy.manifest,
                    "disk": copy.disk,
                    "found_since": copies.bad.get(copy.path),
                }
                for copy in card.copies
            ],
        },
        "log": {
            "ok": log.ok,
            "expected": log.expected,
            "linked": log.linked,
            "without_clip": list(log.without_clip),
            "without_take": list(log.without_take),
            "unreadable": list(log.unreadable),
            "pending": list(log.pending),
            "explained": log.explained,
        },
        "cleared_by": card.cleared_by or None,
        "cleared_at": _stamp(card.cleared_ns) if card.cleared_by else None,
        "cleared_note": card.cleared_note or None,
        "superseded": verdict.superseded,
        "as_of": _stamp(verdict.as_of_ns),
    }
