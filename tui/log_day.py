"""What the Log screen says of the day around its takes: credits against the plan, what is owed, planned setups.

Used by the Log screen: `read_log_day` on a thread, the rest is pure. The numbers are those of `onset log totals`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from onset.domain.measures import in_eighths, in_screen_time
from onset.domain.scene import Setup
from onset.domain.take import Board
from onset.logbook.protocol import Logbook
from onset.logbook.totals import Totals
from onset.text import safe_text
from tui.day_tally import Part

# Changes of these move what is said here.
ENTITIES = frozenset(("credit", "plan", "owed", "scene", "setup", "day"))
_NAMED = 24  # characters of a plan's name in the line


@dataclass(frozen=True, slots=True)
class LogDay:
    """The day's sums, and the planned setups of the scene on the board, in the order of the shot list."""

    totals: Totals
    planned: tuple[Setup, ...]

    @property
    def open(self) -> tuple[Setup, ...]:
        """Those that are not shot."""
        return tuple(each for each in self.planned if not each.shot)


def read_log_day(log: Logbook, unit: str) -> LogDay:
    """Read it; a few milliseconds, so on the reader's thread."""
    board = log.board(unit)
    return LogDay(log.totals(unit=unit, day=board.day), planned_here(log, board))


def planned_here(log: Logbook, board: Board) -> tuple[Setup, ...]:
    """Planned setups of the scene on the board that are this unit's, or anybody's."""
    return tuple(
        each
        for each in log.planned_setups()
        if (each.scene, each.episode) == (board.scene, board.episode) and each.unit in ("", board.unit)
    )


def credited_parts(day: LogDay) -> list[Part]:
    """Pages and time that are credited, against what is planned, and what is owed; nothing where there is neither."""
    totals = day.totals
    parts = []
    today = totals.today
    if totals.planned or today.eighths:
        of = f" of {in_eighths(totals.planned_eighths)}" if totals.planned else ""
        parts.append(Part(f"pages {in_eighths(today.eighths)}{of}"))
    if totals.planned_seconds or today.seconds:
        of = f" of {in_screen_time(totals.planned_seconds)}" if totals.planned_seconds else ""
        parts.append(Part(f"credited {in_screen_time(today.seconds)}{of}", 1))
    if totals.owed:
        parts.append(Part(f"owed {len(totals.owed)}"))
    return parts


def planned_words(day: LogDay, board: Board) -> str:
    """`planned for 42, 1 of 3 shot: +1 over Tom; +2 the letter; ✓42A`; empty where nothing is planned."""
    if not day.planned:
        return ""
    shot = [each for each in day.planned if each.shot]
    ticked = [f"✓{each.slate}" for each in shot]
    to_come = [f"+{number} {plan_name(each)}" for number, each in enumerate(day.open, 1)]
    scene = f"{board.episode}:{board.scene}" if board.episode else board.scene
    return f"planned for {scene}, {len(shot)} of {len(day.planned)} shot: {'; '.join((*to_come, *ticked))}"


def plan_name(plan: Setup) -> str:
    """What a planned setup is called in a line: its slate if it has one, its name or what is said of it, its size."""
    said = plan.name or plan.description
    said = said if len(said) <= _NAMED else f"{said[: _NAMED - 1]}…"
    return safe_text(" ".join(part for part in (plan.slate, said, plan.size) if part) or "a setup")


def plan_meant(plans: Sequence[Setup], typed: str) -> Setup | None:
    """The open plan that a person means who typed `+`, `+2`, or `+` and the beginning of its name."""
    wanted = typed.strip().lower()
    if not wanted:
        return plans[0] if plans else None
    if wanted.isascii() and wanted.isdigit() and len(wanted) < 4:
        return plans[int(wanted) - 1] if 0 < int(wanted) <= len(plans) else None
    found = [each for each in plans if each.name.lower().startswith(wanted) or each.slate.lower() == wanted]
    return found[0] if len(found) == 1 else None
