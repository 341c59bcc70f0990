"""May this card be formatted: the answer in one sentence, with the evidence of its copies and of the log.

Used by `onset card`, the Offload and Day screens and the wrap summary. The answer holds for one fingerprint, as of a
time; a card that came back with other contents is another state, and nobody has cleared that.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from onset.domain.card import Card
from onset.errors import RefusedError
from onset.logbook.protocol import Logbook
from onset.reconcile.bad_copies import found_now
from onset.reconcile.board import CardCopies, CardLog, CardVerdict
from onset.reconcile.card_copies import NOT_SAFE, SAFE, copies_half, is_there, when
from onset.reconcile.card_log import Gap, UnitLog, count, log_half, look
from onset.reel import same_roll
from onset.text import safe_text

if TYPE_CHECKING:
    from onset.reconcile.bad_copies import Found

CLEARED = "cleared"
_ASKED_OF_THE_NEWER = CardLog(  # its clips belong to that now: here every take would seem to be without
    ok=False,
    expected=0,
    linked=0,
    without_clip=(),
    without_take=(),
    unreadable=(),
    pending=(),
    explained=0,
    sentence="asked of the state in which it came back.",
)


def cards_named(logbook: Logbook, label: str) -> tuple[Card, ...]:
    """The cards that somebody means by a label, newest first; `A_0014` is `A014`. Each state of a card is one."""
    cards = logbook.cards()
    exact = [card for card in cards if card.label == label]
    return tuple(exact or [card for card in cards if _is_called(card, label)])


def _is_called(card: Card, label: str) -> bool:
    if card.label.casefold() == label.casefold() or (len(label) >= 6 and card.fingerprint.startswith(label.lower())):
        return True
    return any(same_roll(each, label) for each in (card.label, card.reel) if each)


def card_verdict(
    logbook: Logbook, card: Card, *, as_of_ns: int, mounted: Callable[[str], bool] = is_there, found: Found = found_now
) -> CardVerdict:
    """The verdict on one card. See `card_verdicts`."""
    return card_verdicts(logbook, (card,), as_of_ns=as_of_ns, mounted=mounted, found=found)[0]


def card_verdicts(
    logbook: Logbook,
    cards: Sequence[Card],
    *,
    as_of_ns: int,
    mounted: Callable[[str], bool] = is_there,
    found: Found = found_now,
) -> tuple[CardVerdict, ...]:
    """The verdicts on some cards; the log is read once for all of them.

    Args:
        logbook: it is read from, nothing else.
        cards: as `logbook.cards()` gives them.
        as_of_ns: now, wall clock; moments of that day are told without its date. 0: each has its date, as on paper.
        mounted: whether a path (of a copy, its manifest, or the folder a copy lies in) can be seen now.
        found: what verifications found of a copy since it was made, by the path of its manifest.
    """
    known = logbook.cards()
    logs: dict[str, UnitLog] = {}
    verdicts = []
    for card in cards:
        if card.unit not in logs:
            logs[card.unit] = UnitLog(logbook, card.unit)
        copies = copies_half(logs[card.unit], card, as_of_ns, mounted, found)
        verdicts.append(_judge(logs[card.unit], card, known, as_of_ns, copies))
    return tuple(verdicts)


def consent(
    logbook: Logbook,
    card: Card,
    *,
    by: str,
    note: str,
    as_of_ns: int,
    mounted: Callable[[str], bool] = is_there,
    found: Found = found_now,
) -> tuple[Gap, ...]:
    """Whether a named person may clear a card for formatting; the gaps that the note is then the reason for.

    Nobody can clear a card whose copies are not good: no reason makes up for bytes that are nowhere.

    Raises:
        RefusedError: it is not safe, says why; or no name.
    """
    verdict = card_verdict(logbook, card, as_of_ns=as_of_ns, mounted=mounted, found=found)
    label = safe_text(card.label)
    if not by.strip():
        raise RefusedError(f"Say who clears {label}: a card is cleared by a named person.")
    if verdict.superseded:
        raise RefusedError(f"{label} came back with other contents since; clear its newest state.")
    if not verdict.copies.ok:
        why = "; ".join(verdict.copies.reasons)
        raise RefusedError(f"{label} cannot be cleared, whatever the reason, because of its copies: {why}.")
    if verdict.log.ok:
        return ()
    if not note.strip():
        why = "; ".join(verdict.reasons)
        raise RefusedError(f"{label} is not safe to format: {why}. Explain each, or give the reason as a note.")
    return tuple(gap for gap in look(UnitLog(logbook, card.unit), card).gaps if not gap.explained)


def clear(logbook: Logbook, card: Card, gaps: Sequence[Gap], *, by: str, note: str) -> Card:
    """Clear a card after `consent`: the note explains these gaps and no later ones."""
    for gap in gaps:
        logbook.explain(gap.key, note.strip(), unit=gap.unit, day=gap.day)
    return logbook.clear_card(card.id, by=by, note=note)


def _judge(log: UnitLog, card: Card, known: Sequence[Card], as_of_ns: int, copies: CardCopies) -> CardVerdict:
    found, log_reasons = log_half(card, look(log, card))
    newer = next((each for each in known if each.supersedes == card.id), None)
    older = next((each for each in known if each.id == card.supersedes), None)
    reasons = [*copies.reasons, *log_reasons]
    if newer is not None:
        more = _more(newer, card)
        reasons = [f"it came back with {more} {when(newer.wall_ns, as_of_ns)}, and only that state counts"]
        found = _ASKED_OF_THE_NEWER
    good = not reasons
    cleared = f"{safe_text(card.cleared_by)} {when(card.cleared_ns or 0, as_of_ns)}" if card.cleared_by else ""
    verdict = (CLEARED if cleared else SAFE) if good else NOT_SAFE
    if cleared and not good and newer is None:
        reasons.insert(0, f"cleared by {cleared}, but that does not hold any more")
    basis = _basis(copies, found, cleared)
    note = ""  # that it came back speaks neither for nor against it
    if older is not None and newer is None:
        back = f"it came back with {_more(card, older)} {when(card.wall_ns, as_of_ns)}"
        if older.cleared_by:
            back += f"; that {safe_text(older.cleared_by)} cleared it before does not count for them"
        if good:
            basis.append(back)
        else:
            note = f" {back[0].upper()}{back[1:]}."
    label = safe_text(card.label)
    sentence = f"{label} may be formatted: {', '.join(basis)}."
    if not good:
        sentence = f"Do NOT format {label}: {'; '.join(reasons)}.{note}"
    return CardVerdict(
        card_id=card.id,
        card=card.label,
        fingerprint=card.fingerprint,
        unit=card.unit,
        day=card.day,
        verdict=verdict,
        sentence=sentence,
        reasons=tuple(basis if good else reasons),
        copies=copies,
        log=found,
        cleared_by=card.cleared_by,
        cleared_ns=card.cleared_ns,
        cleared_note=card.cleared_note,
        as_of_ns=as_of_ns,
        superseded=newer is not None,
    )


def _basis(copies: CardCopies, found: CardLog, cleared: str) -> list[str]:
    """What a good answer rests on; a copy that failed in an earlier offload is none of it."""
    rests = [f"{copies.whole} complete {'copy' if copies.whole == 1 else 'copies'}"]
    if found.expected:
        expected = count(found.expected, "expected clip")
        if found.linked == found.expected:
            rests.append(f"all {expected} linked" if found.expected > 1 else "the expected clip linked")
        else:
            rests.append(f"{found.linked} of {expected} linked")
    rests.append(f"{found.explained} explained by a person" if found.explained else "")
    rests.append(f"cleared by {cleared}" if cleared else "nobody has cleared it yet")
    return [each for each in rests if each]


def _more(now: Card, before: Card) -> str:
    """What a card came back with: `3 more clips`, or other files."""
    if now.clips is not None and before.clips is not None and now.clips != before.clips:
        word = "more" if now.clips > before.clips else "fewer"
        return count(abs(now.clips - before.clips), f"{word} clip")
    if now.files != before.files:
        word = "more" if now.files > before.files else "fewer"
        return count(abs(now.files - before.files), f"{word} file")
    return "other contents"
