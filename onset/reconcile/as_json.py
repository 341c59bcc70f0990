"""The reconciliation board as the JSON of `onset reconcile --json`; docs/formats.md describes it."""

from __future__ import annotations

from onset.logbook.as_json import Json
from onset.match.found import FoundClock
from onset.reconcile.board import Board, Claimed, Difference, Standing, Stray, TakeClaims


def board_json(board: Board) -> dict[str, Json]:
    """A whole board; absent is null, never left out. Differences carry the number they are shown under."""
    numbers = {id(one): number for number, one in enumerate(board.differences, 1)}
    links = [claim.link for take in board.takes for claim in take.claims if claim.link is not None]
    return {
        "title": board.title,
        "unit": board.unit,
        "day": board.day,
        "date": board.date,
        "takes": [_take(take, numbers) for take in board.takes],
        "others": [_difference(one, numbers) for one in board.others],
        "strays": [_stray(stray, numbers) for stray in board.strays],
        "clocks": [_clock(clock) for clock in board.clocks],
        "clock_lines": list(board.clock_lines),
        "pending": list(board.rolls_pending),
        "counts": {
            "takes": len(board.takes),
            "strays": len(board.strays),
            **{str(standing): board.count(standing) for standing in Standing},
            "confirmed": sum(state == "confirmed" for state in links),
            "proposed": sum(state == "proposed" for state in links),
        },
    }


def _take(take: TakeClaims, numbers: dict[int, int]) -> dict[str, Json]:
    slate, _, number = take.label.rpartition("/")
    return {
        "id": take.take_id,
        "slate": slate,
        "take": number,
        "scene": take.scene,
        "state": str(take.state),
        "status": str(take.status),
        "kind": str(take.kind),
        "claims": [_claim(claim) for claim in take.claims],
        "differences": [_difference(one, numbers) for one in take.differences],
    }


def _claim(claim: Claimed) -> dict[str, Json]:
    return {
        "department": str(claim.department),
        "device": claim.device,
        "clip": claim.clip,
        "media": claim.media_id,
        "roll": claim.roll,
        "circled": claim.circled,
        "start": claim.start,
        "length_s": _rounded(claim.length_s),
        "mos": claim.mos,
        "link": str(claim.link) if claim.link is not None else None,
        "evidence": claim.evidence,
        "decided_by": claim.decided_by,
    }


def _difference(one: Difference, numbers: dict[int, int]) -> dict[str, Json]:
    return {
        "number": numbers[id(one)],
        "key": one.key,
        "standing": str(one.standing),
        "field": one.field,
        "what": one.what,
        "cause": one.cause,
        "take": one.take_id,
        "media": one.media_id,
        "device": one.device,
        "explanation": one.explanation,
        "explained_by": one.explained_by,
        "choices": list(one.choices),
    }


def _stray(stray: Stray, numbers: dict[int, int]) -> dict[str, Json]:
    return {
        "media": stray.media_id,
        "name": stray.name,
        "device": stray.device,
        "card": stray.card,
        "start": stray.start,
        "length_s": _rounded(stray.length_s),
        "difference": _difference(stray.difference, numbers),
    }


def _clock(clock: FoundClock) -> dict[str, Json]:
    return {
        "device": clock.device,
        "side": str(clock.side),
        "card": clock.card,
        "offset_s": _rounded(clock.offset_s),
        "ratio": clock.ratio_name,
        "drift_ppm": _rounded(clock.drift_ppm),
        "pairs": clock.pairs,
        "of": clock.of,
        "spread_s": _rounded(clock.spread_s),
        "from_s": _rounded(clock.from_s),
        "to_s": _rounded(clock.to_s),
        "rec_run": clock.rec_run,
    }


def _rounded(value: float | None) -> float | None:
    """To the millisecond: more is noise of the arithmetic."""
    return None if value is None else round(value, 3)
