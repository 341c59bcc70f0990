"""What `onset verify` found of copies that a production's log knows: written there, so that it holds without the disk.

Used by verify.py and mhl.py. The production is found as every command finds it; without one, or where its log cannot be
written, a verification stands for itself.
"""

from __future__ import annotations

import argparse
import os
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from onset.clock import SystemClock
from onset.errors import OnsetError
from onset.mhl.durable import PART
from onset.mhl.tree import FOLDER
from onset.text import safe_path, safe_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from onset.domain.card import Card
    from onset.logbook.protocol import Logbook
    from onset.logbook.terms import LookedAt
    from onset.mhl.check import Verification
    from onset.mhl.since import Since

_WRONG = (10, 11)  # exit codes of what could not be read, or has other bytes
_GONE = 20
_UNTRUSTED = (31, 32, 33)  # of a history


def into_log(args: argparse.Namespace, found: Sequence[tuple[Path, Verification]]) -> list[str]:
    """Write what was found of copies into the log of the production, where there is one; sentences of what it changed.

    Args:
        args: `production` is that of `-p`.
        found: each verification with the folder that its paths are relative to.
    """
    from onset.cli.find import open_logbook, production_if_any, told

    production = None
    with suppress(OnsetError):  # a production that is not there: the verification stands for itself
        production = production_if_any(args)
    if production is None:
        return []
    try:
        logbook = open_logbook(production, role="dit")
        try:
            sentences = _let_know(logbook, found)
        finally:
            logbook.close()
    except OnsetError as error:  # the exit code is that of the files
        return [f"The log was not asked about copies of its cards: {error}"]
    if sentences:
        told(logbook, 0)
    return sentences


def _let_know(logbook: Logbook, found: Sequence[tuple[Path, Verification]]) -> list[str]:
    from onset.reconcile.bad_copies import let_log_know

    now_ns = SystemClock().wall_ns()
    cards = {card.id: card for card in logbook.cards()}
    news = [each for card in cards.values() for each in _news(logbook.folder, card, found, now_ns)]
    let_log_know(logbook, news, now_ns)
    return [_sentence(cards[each.card_id], each, now_ns) for each in news]


def _sentence(card: Card, looked: LookedAt, now_ns: int) -> str:
    from onset.reconcile.card_copies import told

    copy = f"{safe_text(card.label)}: the copy {safe_path(looked.copy.path)}"
    if looked.bad is None:
        return f"{copy} is put right; the log counts it again."
    return f"{copy} is not complete any more; the log remembers that {told(looked.bad, now_ns)}."


def _news(folder: Path, card: Card, found: Sequence[tuple[Path, Verification]], now_ns: int) -> Iterator[LookedAt]:
    """What was found of a card's copies, as far as the log does not know it."""
    from onset.reconcile.bad_copies import news_of

    for copy in card.copies:
        top = os.path.abspath(folder / copy.path)  # not the real path: its disk may be one that does not answer
        about = [
            (place, each)
            for base, each in found
            if base.name != FOLDER and (place := _spelled(base, top)) is not None  # there lies no file of a copy
        ]
        if not about or copy.manifest is None or not copy.is_whole(card.files) or not os.path.exists(copy.manifest):
            continue
        each = news_of(card, copy, _seen(top, copy.manifest, about, now_ns), now_ns)
        if each is not None:
            yield each


def _spelled(base: Path, top: str) -> str | None:
    """A folder that is a copy, lies in one or holds one, spelled as that is; None: it lies beside it."""
    for folder in (os.path.abspath(base), os.path.realpath(base)):
        if os.path.commonpath((folder, top)) in (folder, top):
            return folder
    return None


def _seen(top: str, manifest: str, about: Sequence[tuple[str, Verification]], now_ns: int) -> Since:
    """What the history of a copy says; where a finding could not be written there, what was found this moment."""
    from onset.mhl.since import found_since

    since = found_since(manifest)
    failed, missing = dict.fromkeys(since.failed), dict.fromkeys(since.missing)
    for folder, each in about:
        for trouble in each.troubles:
            path = os.path.relpath(os.path.join(folder, trouble.path), top)
            inside = path != "." and not path.startswith("..")
            if not each.made and trouble.code in _UNTRUSTED and (inside or folder == top):
                return replace(since, trouble=since.trouble or trouble.what)
            if each.made and inside and _is_of_a_file(folder, trouble.path):
                failed |= {path: None} if trouble.code in _WRONG else {}
                missing |= {path: None} if trouble.code == _GONE else {}
    if len(failed) > len(since.failed) or len(missing) > len(since.missing):
        return replace(since, failed=tuple(failed), missing=tuple(missing), at_ns=now_ns)
    if since.whole and any(folder == top and _is_clean(each) for folder, each in about):
        return replace(since, agreed_ns=now_ns)
    return since


def _is_clean(found: Verification) -> bool:
    """Whether a history was gone through from end to end without a fault, and that was not written into it.

    A list does not name every file, and one that patterns leave out was read by nobody.
    """
    clean = not found.failed and not found.missing and not found.left_out
    return clean and found.verified > 0 and found.generation is None and found.path.is_dir()


def _is_of_a_file(folder: str, path: str) -> bool:
    """Not so what an offload that stopped left beside the copy's files, nor a folder that cannot be entered."""
    return not path.endswith(PART) and not os.path.isdir(os.path.join(folder, path))
