"""What the verbs of credits, plans and owed shots show a person, in 80 columns. `log.py` makes every line safe."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from onset.cli.log_script_lines import cut_to_width, heading_of, wrapped
from onset.domain.credit import Balance, Credit, CreditProposal, Owed, PlannedScene
from onset.domain.measures import in_eighths, in_screen_time
from onset.domain.scene import Scene
from onset.logbook.totals import Extent, Tally, Totals


def _pages(eighths: int | None) -> str:
    return "?" if eighths is None else in_eighths(eighths)


def _time(seconds: int | None) -> str:
    return "?" if seconds is None else in_screen_time(seconds)


def proposal_words(proposal: CreditProposal) -> list[str]:
    """What a complete scene would be credited with."""
    return [
        f"Credited as complete, it would be {_pages(proposal.eighths)} pages that day.",
        _run_words(proposal) if proposal.run_s is not None else "No circled take has a whole run of it.",
    ]


def _run_words(proposal: CreditProposal) -> str:
    run = f"{'~' if proposal.run_estimated else ''}{_time(proposal.run_s)}"
    left = f", of which {_time(proposal.seconds)} is not credited" if proposal.seconds != proposal.run_s else ""
    return f"Its longest whole circled run is {run}, in {proposal.take}{left}."


def credit_words(credit: Credit, proposal: CreditProposal) -> list[str]:
    """What was credited; where its time is from, if it was proposed; and whether it is more than the script has."""
    pages = [f"{_pages(credit.eighths)} pages"] if credit.eighths is not None else []
    time = [_time(credit.seconds)] if credit.seconds is not None else []
    lines = wrapped(f"Scene {credit.label}, day {credit.day}: {', '.join([credit.state, *pages, *time])}.", "")
    if proposal.run_s is not None and credit.seconds == proposal.seconds:
        lines += wrapped(_run_words(proposal))
    if credit.eighths and proposal.eighths is not None and credit.eighths > proposal.eighths:
        lines += wrapped(f"That is {_pages(credit.eighths - proposal.eighths)} more than the script has left of it.")
    return lines


def credit_lines(credits: Sequence[Credit]) -> list[str]:
    """A table, one line a credit."""
    if not credits:
        return ["No credits."]
    head = f"{'day':>3} {'unit':<8} {'scene':<9} {'state':<11} {'pages':>6} {'time':>7}  note"
    return [head, *map(_credit_line, credits)]


def _credit_line(one: Credit) -> str:
    pages = "" if one.eighths is None else in_eighths(one.eighths)
    time = "" if one.seconds is None else in_screen_time(one.seconds)
    measured = f"{pages:>6} {time:>7}"
    return cut_to_width(f"{one.day:>3} {one.unit:<8} {one.label:<9} {one.state:<11} {measured}  {one.note}")


def balance_lines(balance: Balance | None) -> list[str]:
    """What was shot before the log began."""
    if balance is None:
        return ["There is no opening balance; this log begins with the first day."]
    counted = ("days", "scenes", "setups", "takes", "circled")
    parts = [f"{getattr(balance, name)} {name}" for name in counted]
    said = ", ".join([*parts, f"{_pages(balance.eighths)} pages", _time(balance.seconds)])
    return [*wrapped(f"Before this log began, unit {balance.unit}: {said}", ""), *wrapped(balance.note)]


def owed_lines(owed: Sequence[Owed]) -> list[str]:
    """A line each, and below it the takes that look like it."""
    if not owed:
        return ["Nothing is owed."]
    lines = []
    for one in owed:
        end = f"shot as {one.shot.label}" if one.shot else "dropped" if one.dropped else f"since day {one.day or '?'}"
        lines.append(cut_to_width(f"{one.id[-6:]} {one.label:<9} {one.kind}: {one.text} ({end})"))
        if one.proposed:
            lines += wrapped(f"{', '.join(take.label for take in one.proposed)}: was that it? Then settle it.", " " * 7)
    return lines


def plan_lines(day: int, planned: Sequence[PlannedScene], scenes: Mapping[str, Scene]) -> list[str]:
    """The schedule of a day."""
    if not planned:
        return [f"Nothing is planned for day {day}."]
    lines = [f"{'scene':<9} {'pages':>6}  day {day}"]
    for one in planned:
        scene = scenes.get(one.label)
        eighths = one.eighths if one.eighths is not None else scene.eighths if scene else None
        lines.append(cut_to_width(f"{one.label:<9} {_pages(eighths):>6}  {heading_of(scene) if scene else ''}"))
    return lines


_COUNTED = {
    "setups": "setups",
    "takes": "takes",
    "circled": "circled",
    "false starts": "false_starts",
    "wild tracks": "wild_tracks",
    "charts": "charts",
    "scenes started": "scenes_started",
    "scenes complete": "scenes_complete",
}


def totals_lines(totals: Totals) -> list[str]:
    """The sheet of a day."""
    whose = "all units" if totals.unit is None else f"unit {totals.unit}"
    lines = wrapped(f"Day {totals.day}{f' ({totals.date})' if totals.date else ''}, {whose}", "")
    columns = (totals.before, totals.today, totals.to_date)
    lines.append(f"{'':<16} {'before':>9} {'today':>9} {'to date':>9} {'script':>9} {'remaining':>9}")
    lines.append(_row("days", [str(one.days) for one in columns]))
    rows = {
        "scenes complete": [str(totals.script.scenes), str(totals.remaining.scenes)],
    }
    for words, name in _COUNTED.items():
        lines.append(_row(words, [*(str(getattr(one, name)) for one in columns), *rows.get(words, [])]))
    script: tuple[Extent, Extent] = (totals.script, totals.remaining)
    measured: tuple[Tally | Extent, ...] = (*columns, *script)
    lines.append(_row("pages credited", [in_eighths(one.eighths) for one in measured]))
    lines.append(_row("time credited", [in_screen_time(one.seconds) for one in measured]))
    if totals.script.without_eighths:
        lines += wrapped(f"Of {totals.script.without_eighths} scenes nobody counted the pages.", "")
    if totals.planned:
        lines += wrapped(f"Planned: {len(totals.planned)} scenes, {in_eighths(totals.planned_eighths)} pages", "")
    for words, labels in (
        ("complete", totals.shot),
        ("in part", totals.part),
        ("not shot", totals.not_shot),
        ("added", totals.added),
    ):
        if labels:
            lines += wrapped(f"{words}: {', '.join(labels)}")
    if totals.owed:
        lines += wrapped(f"Owed: {', '.join(f'{one.label} {one.kind}' for one in totals.owed)}", "")
    return lines


def _row(words: str, cells: Sequence[str]) -> str:
    return f"{words:<16}{''.join(f' {cell:>9}' for cell in cells)}"
