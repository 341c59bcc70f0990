"""Credits, plans, what is owed, and a day's numbers as JSON: absent is null, never left out."""

from __future__ import annotations

from dataclasses import asdict

from onset.domain.credit import Balance, Credit, CreditProposal, Owed, OwedTake, PlannedScene
from onset.logbook.as_json import Json, iso
from onset.logbook.as_json_script import length_json, time_json
from onset.logbook.totals import Extent, Tally, Totals


def credit_json(credit: Credit) -> dict[str, Json]:
    """A credit; `eighths` of a page, `length` the same as people write it; `seconds` and `time` likewise."""
    return {
        "id": credit.id,
        "scene": credit.number,
        "episode": credit.episode,
        "unit": credit.unit,
        "day": credit.day,
        "state": str(credit.state),
        **_measured(credit.eighths, credit.seconds),
        "note": credit.note or None,
        "author": credit.author,
        "credited_at": iso(credit.wall_ns),
    }


def proposal_json(proposal: CreditProposal) -> dict[str, Json]:
    """What could be credited, and from which take the time is."""
    return {
        **_measured(proposal.eighths, proposal.seconds),
        "run_s": proposal.run_s,
        "take": proposal.take or None,
        "run_estimated": proposal.run_estimated,
    }


def _measured(eighths: int | None, seconds: int | None) -> dict[str, Json]:
    return {"eighths": eighths, "length": length_json(eighths), "seconds": seconds, "time": time_json(seconds)}


def balance_json(balance: Balance) -> dict[str, Json]:
    """What a unit had shot before the log began."""
    return {**asdict(balance), **_measured(balance.eighths, balance.seconds), "note": balance.note or None}


def planned_json(planned: PlannedScene) -> dict[str, Json]:
    """A scene on a day's schedule; `eighths` null: all of it."""
    return {
        "id": planned.id,
        "unit": planned.unit,
        "day": planned.day,
        "episode": planned.episode,
        "scene": planned.number,
        "eighths": planned.eighths,
        "length": length_json(planned.eighths),
        "note": planned.note or None,
    }


def owed_json(owed: Owed) -> dict[str, Json]:
    """A shot that is owed; `proposed` are takes that look like it."""
    return {
        "id": owed.id,
        "kind": str(owed.kind),
        "text": owed.text,
        "unit": owed.unit or None,
        "episode": owed.episode,
        "scene": owed.scene,
        "slate": owed.slate or None,
        "day": owed.day,
        "author": owed.author,
        "open": owed.open,
        "dropped": owed.dropped,
        "shot": _take(owed.shot) if owed.shot else None,
        "proposed": [_take(take) for take in owed.proposed],
    }


def _take(take: OwedTake) -> Json:
    return {"id": take.id, "label": take.label}


def totals_json(totals: Totals) -> dict[str, Json]:
    """The sheet of a day."""
    return {
        "unit": totals.unit,
        "day": totals.day,
        "date": totals.date or None,
        "before": _tally(totals.before),
        "today": _tally(totals.today),
        "to_date": _tally(totals.to_date),
        "script": _extent(totals.script),
        "remaining": _extent(totals.remaining),
        "planned": [planned_json(one) for one in totals.planned],
        "planned_eighths": totals.planned_eighths,
        "shot": list(totals.shot),
        "part": list(totals.part),
        "not_shot": list(totals.not_shot),
        "added": list(totals.added),
        "owed": [owed_json(one) for one in totals.owed],
    }


def _tally(tally: Tally) -> dict[str, Json]:
    return {**asdict(tally), **_measured(tally.eighths, tally.seconds)}


def _extent(extent: Extent) -> dict[str, Json]:
    return {**asdict(extent), **_measured(extent.eighths, extent.seconds)}
