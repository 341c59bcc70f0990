"""The card board: every card of the set in its life, from the camera to the day it is used again.

Used by the Offload screen. A row is a card in a reader, a job, a card of the log, a roll, or several of these where
they are the same; what waits for a hand stands above what is done.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from onset.domain.card import Roll, RollState
from onset.domain.measures import in_bytes
from onset.logbook.terms import Conflict
from onset.offload.forecast import TargetNow
from onset.offload.in_reader import CardHere
from onset.offload.journal import JobSummary
from onset.offload.stands import MOST
from onset.offload.verdict import NOT_SAFE
from onset.reel import same_roll
from onset.text import safe_path, safe_text
from tui import cards, jobs
from tui.cards import Known
from tui.take_marks import CONFLICT, conflict_words
from tui.widgets.lines import fitted
from tui.widgets.rows import Row
from tui.widgets.take_row import clock_text

HEAD = "card       state      of    day since     "
_AHEAD = (RollState.LOADED, RollState.PULLED, RollState.WAITING, RollState.COPYING)  # no copy is whole yet
_IN_READER, _UNUSABLE = "in reader", "no card"
# What somebody has to do something about comes first.
_ORDER = (_IN_READER, "not safe", "waiting", "copying", "pulled", "safe", "loaded", "cleared")
_DOING = {"copy": "copying", "scan": "copying", "seal": "sealing"}
_ALARMS = frozenset({"not safe", "not sent", "stopped", _UNUSABLE})


@dataclass(frozen=True, slots=True)
class Entry:
    """One card as far as it is known; at least one of these is there.

    Attributes:
        job: that copies it, or copied it last as this row tells.
        known: the card in the log, with its verdict.
        roll: the camera or sound roll that it is.
        here: the card in a reader now.
        bad: what was found of copies that the job's own verdict rests on, by their folder, where no log tells of it.
    """

    job: JobSummary | None = None
    known: Known | None = None
    roll: Roll | None = None
    here: CardHere | None = None
    bad: Mapping[str, str] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """What it is called."""
        if self.job is not None:
            return self.job.sheet.label
        if self.known is not None:
            return self.known.card.label
        return self.roll.label if self.roll is not None else self.here.label if self.here is not None else ""

    @property
    def spot(self) -> tuple[str, ...]:
        """What the row is about, however many rows come or go around it; the first part that two share is enough."""
        return (
            self.job.sheet.id if self.job is not None else "",
            self.fingerprint,
            self.roll.id if self.roll is not None else "",
            self.here.path if self.here is not None else "",
        )

    @property
    def fingerprint(self) -> str:
        """Of the card, empty where only its label is known."""
        if self.job is not None:
            return self.job.sheet.fingerprint
        if self.known is not None:
            return self.known.card.fingerprint
        return self.here.fingerprint if self.here is not None else ""

    @property
    def day(self) -> int | None:
        """The shooting day, None where nobody knows yet."""
        known = self.known.card.day if self.known is not None else None
        return known or (self.roll.day if self.roll is not None else None)

    @property
    def unfinished(self) -> bool:
        """A job runs, waits, or was stopped before its end."""
        return self.job is not None and self.job.result is None

    @property
    def fails(self) -> bool:
        """Something went wrong already while it is copied."""
        return self.job is not None and self.unfinished and bool((self.job.progress or {}).get("failed"))

    @property
    def state(self) -> str:
        """Where it is in its life, in a word or two. A verdict says more than the roll's own word, but for the last."""
        if self.job is not None and self.unfinished:
            state = jobs.state_of(self.job)
            return _DOING.get(state, state)
        if self.known is not None:
            again = self.roll is not None and self.roll.state is RollState.REUSED
            return RollState.REUSED if again and self.known.word == RollState.CLEARED else self.known.word
        if self.job is not None:
            return NOT_SAFE if self.bad else jobs.state_of(self.job)
        if self.here is not None:
            return _UNUSABLE if self.here.trouble else _IN_READER
        return str(self.roll.state) if self.roll is not None else ""


def list_cards(
    found: Sequence[JobSummary],
    known: Mapping[str, Known],
    rolls: Sequence[Roll],
    here: Sequence[CardHere],
    bad: Callable[[JobSummary], Mapping[str, str]] = lambda _: {},
) -> list[Entry]:
    """The board: what lies in a reader, what is copied, this log's cards and rolls, what others copied on this machine.

    Args:
        found: all jobs on record, newest first.
        known: the log's cards by fingerprint, newest first.
        rolls: of the unit.
        here: in the readers.
        bad: what was found since of copies that the verdict of a job rests on of which the log does not know.
    """
    by_card = {roll.card: roll for roll in rolls if roll.card is not None}
    left = {card.fingerprint or card.path: card for card in here}

    def entry(job: JobSummary | None, one: Known | None) -> Entry:
        fingerprint = job.sheet.fingerprint if job is not None else one.card.fingerprint if one is not None else ""
        roll = by_card.get(one.card.id) if one is not None else None
        if roll is None and job is not None and job.result is None:
            roll = _ahead(rolls, job.sheet.label)
        reader = next((card for card in here if job is not None and job.running and card.path == job.sheet.card), None)
        reader = reader or next((card for card in here if card.fingerprint == fingerprint), None)
        if reader is not None:
            left.pop(reader.fingerprint or reader.path, None)
        return Entry(job, one, roll, reader, bad(job) if job is not None and one is None else {})

    in_readers = {card.fingerprint for card in here}
    others, ours, ended = list[JobSummary](), list[JobSummary](), set[str]()
    for job in found:
        if job.result is not None and job.sheet.fingerprint in known:
            if job.sheet.fingerprint in ended:
                continue  # an earlier copy of the card: its row is that of the newest, with all copies that the log has
            ended.add(job.sheet.fingerprint)
        (ours if job.result is None or job.sheet.fingerprint in known else others).append(job)
    others = [job for n, job in enumerate(others) if n < MOST or job.sheet.fingerprint in in_readers]
    told = [entry(job, known.get(job.sheet.fingerprint)) for job in (*ours, *others)]
    of_jobs = {job.sheet.fingerprint for job in found}
    told += [entry(None, one) for fingerprint, one in known.items() if fingerprint not in of_jobs]
    new = [Entry(roll=_ahead(rolls, card.label), here=card) for card in left.values()]
    used = {each.roll.id for each in (*told, *new) if each.roll is not None}
    alone = [Entry(roll=roll) for roll in reversed(rolls) if roll.id not in used]
    active, rest, elsewhere = list[Entry](), alone, list[Entry]()
    for each in told:
        (active if each.unfinished else rest if each.known is not None else elsewhere).append(each)
    return [*new, *active, *sorted(rest, key=_rank), *elsewhere]


def _ahead(rolls: Sequence[Roll], label: str) -> Roll | None:
    """The roll that bears a card's label and has no whole copy yet."""
    found = [roll for roll in rolls if roll.state in _AHEAD and same_roll(roll.label, label)]
    return found[-1] if found else None


def _rank(entry: Entry) -> int:
    return _ORDER.index(entry.state) if entry.state in _ORDER else len(_ORDER)


# -- words -----------------------------------------------------------------------------------------------------------


def new_row(rolls: Sequence[Roll], known: Mapping[str, Known]) -> Row:
    """The first row: a new copy, and how many rolls are where in their lives. No roll is safe whose card is not."""
    unsafe = {one.card.id for one in known.values() if one.word == NOT_SAFE}
    many = Counter(NOT_SAFE if roll.card in unsafe else str(roll.state) for roll in rolls)
    life = "  ".join(f"{state} {many[state]}" for state in (NOT_SAFE, *map(str, RollState)) if many[state])
    return Row(f"+ copy a card …    {life}".rstrip())


def conflicts_of(entry: Entry, found: Sequence[Conflict]) -> list[Conflict]:
    """What seats said differently of a card, or of the roll that it is."""
    ids = [entry.known.card.id if entry.known is not None else "", entry.roll.id if entry.roll is not None else ""]
    return [each for each in found if each.entity_id in ids]


def board_row(entry: Entry, found: Sequence[Conflict] = ()) -> Row:
    """A card in one line, with a sign where one of the conflicts that were found is about it."""
    job, known, roll, here = entry.job, entry.known, entry.roll, entry.here
    if job is not None:
        since, words = job.sheet.started_ns, jobs.job_words(job)
    elif known is not None:
        since, words = known.card.wall_ns, cards.card_words(known)
    elif roll is not None and here is None:
        since, words = roll.changed_ns or 0, _held(roll)
    else:
        since, words = 0, _listed(here) if here is not None else ""
    of, day = (
        (roll.device, roll.day) if roll is not None else (known.card.camera, known.card.day) if known else ("", None)
    )
    at = clock_text(since) if since else ""
    there = "in reader  " if here is not None and (known is not None or job is not None) else ""
    sign = CONFLICT if conflicts_of(entry, found) else ""
    label, device = fitted(sign + safe_text(entry.label), 10), fitted(safe_text(of), 5)
    text = f"{label} {fitted(entry.state, 10)} {device} {day or '':<3} {at:<8}  {there}{words}"
    return Row(text.rstrip(), alarm=entry.state in _ALARMS or entry.fails, faint=entry.state in ("older", "reused"))


def _held(roll: Roll) -> str:
    said = (roll.serial, f"with {roll.holder}" if roll.holder else "", roll.note)
    return ", ".join(safe_text(each) for each in said if each)


def _listed(here: CardHere) -> str:
    many = "" if here.trouble else f"{here.files} file{'s'[: here.files != 1]}, {in_bytes(here.size)}  "
    return many + safe_path(here.path)


def roll_rows(roll: Roll) -> list[Row]:
    """A roll in its life."""
    of = "sound" if roll.device == "sound" else f"camera {safe_text(roll.device)}" if roll.device else ""
    day = f"day {roll.day}" if roll.day is not None else ""
    stations = [
        f"{word} {clock_text(at)}"
        for word, at in (("loaded", roll.loaded_ns), ("pulled", roll.pulled_ns), (str(roll.state), roll.changed_ns))
        if at is not None
    ]
    life = ", ".join(dict.fromkeys(stations)) or str(roll.state)
    first = ", ".join(each for each in (f"roll {safe_text(roll.label)}", of, day) if each)
    held = _held(roll)
    return [Row(f"{first}: {life}"), *([Row(f"  {held}")] if held else [])]


def here_rows(here: CardHere) -> list[Row]:
    """A card in a reader."""
    rows = [Row(f"in the reader at {safe_path(here.path)}")]
    if here.trouble:
        return [*rows, Row(here.trouble, alarm=True)]
    of = f"{here.files} file{'s'[: here.files != 1]}, {in_bytes(here.size)}, fingerprint {here.fingerprint[:8]}"
    return [*rows, Row(f"  {of}", faint=True), *([Row(f"  {here.note}")] if here.note else [])]


def _room_rows(here: CardHere, targets: Sequence[TargetNow]) -> list[Row]:
    """Which targets have no room for this very card."""
    free = {target.name: max(0, target.free - target.ahead) for target in targets if not target.away}
    return [
        Row(
            f"{safe_text(name)} has NO ROOM for it: {in_bytes(here.size)} and more needed, {in_bytes(room)}", alarm=True
        )
        for name, room in free.items()
        if room < here.size
    ]


def evidence(entry: Entry, targets: Sequence[TargetNow] = (), found: Sequence[Conflict] = ()) -> tuple[list[Row], str]:
    """All that is known of a card, and what stands above it."""
    rows = [Row(f"{CONFLICT} {conflict_words(each)}", alarm=True) for each in conflicts_of(entry, found)]
    if entry.job is not None:
        rows += jobs.detail_rows(entry.job, entry.known, entry.bad)
        rows += cards.copy_rows(entry.known, besides=entry.job.sheet.folders) if entry.known is not None else []
    elif entry.known is not None:
        rows += [*cards.log_rows(entry.known), *cards.copy_rows(entry.known)]
    elif entry.here is not None:
        rows.append(Row("No copy of it is finished, as far as this log and this machine know."))
    elif entry.roll is not None and entry.roll.state in _AHEAD:
        rows.append(Row("It is not copied yet; in a reader it stands at the top of this list."))
    if entry.here is not None:
        rows += here_rows(entry.here)
        rows += _room_rows(entry.here, targets) if entry.job is None and entry.known is None else []
    rows += roll_rows(entry.roll) if entry.roll is not None else []
    return rows, f"{entry.label}  {entry.state}"
