"""Issuing reports: what `book_issues.py` writes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from onset.changes import Value
from onset.domain.issue import Printed
from onset.errors import RefusedError
from onset.logbook import days
from onset.logbook.engine import Transaction
from onset.logbook.fields import fitting
from onset.text import safe_text

LARGEST = 16 << 20  # characters of packed cells; a day of 300 takes is 20,000
_LONGEST_NOTE = 2_000


def issue(tx: Transaction, papers: Sequence[Printed], *, note: str, position: Mapping[str, int]) -> list[str]:
    """Write that these reports were issued, each as the next revision; returns their ids.

    Their days are at a place from then on, by default this machine's: another machine prints the same times.

    Args:
        tx: the edit.
        papers: no two of one paper.
        note: why, in words.
        position: of every seat the newest edit that the log holds.
    """
    if len(note) > _LONGEST_NOTE:
        raise RefusedError(f"The note of an issue has at most {_LONGEST_NOTE:,} characters.")
    if not papers:
        raise RefusedError("There is no report to issue.")
    made = [_issue(tx, each, note.strip(), position) for each in papers]
    for unit, number in dict.fromkeys((each.unit, each.day) for each in papers):
        if number is not None:
            days.place(tx, unit, number)
    return made


def _issue(tx: Transaction, paper: Printed, note: str, position: Mapping[str, int]) -> str:
    same = tx.find(
        "issue", {"report": paper.report, "unit": paper.unit, "day": paper.day, "scope": paper.scope or None}
    )
    newest = max((row.number("revision") for row in same), default=0)
    if newest != paper.after:
        raise RefusedError(
            f"Another seat issued revision {newest} of the {safe_text(paper.report)} report meanwhile; print it again."
        )
    if len(paper.cells) > LARGEST:
        raise RefusedError(f"The {safe_text(paper.report)} report is too long to be issued; issue it in parts.")
    fields: dict[str, Value] = {
        "report": paper.report,
        "unit": paper.unit,
        "day": paper.day,
        "scope": paper.scope or None,
        "revision": newest + 1,
        "digest": paper.digest,
        "author": tx.author,
        "wall_ns": tx.wall_ns,
        "note": note or None,
    }
    long: dict[str, Value] = {
        "cells": paper.cells,
        "position": json.dumps(dict(sorted(position.items())), separators=(",", ":")),
    }
    return tx.add("issue", fitting("issue", fields) | long)
