"""What a scene could be credited with: proposed from its pages and its circled takes; a person decides."""

from __future__ import annotations

from collections.abc import Iterable

from onset.domain.credit import Credit, CreditProposal
from onset.domain.scene import Scene
from onset.domain.take import Kind, State, Status, Take
from onset.logbook.totals import UnitDay, roots

_WHOLE = frozenset((Kind.NORMAL, Kind.SERIES))  # a pickup or a plate is no run of the whole scene
_SECOND_NS = 1_000_000_000


def proposal(
    scene: Scene, scenes: Iterable[Scene], credits: Iterable[Credit], takes: Iterable[Take], *, on: UnitDay
) -> CreditProposal:
    """What the scene could be credited with on a day when it is complete by then.

    The screen time is the longest whole run, action to cut, of its circled takes; roll to cut where no action was
    stamped. What other days credited of the scene is left out of both. Takes of several scenes at once propose nothing.

    Args:
        scene: of the script.
        scenes: all, for what it was before it was renumbered.
        credits: of any scenes.
        takes: of the scene.
        on: unit and day to be credited; what it is credited with already gives way.
    """
    root = roots([*scenes, scene])
    others = [
        one for one in credits if root.get(one.scene_id, one.scene_id) == root[scene.id] and (one.unit, one.day) != on
    ]
    found = max((run for take in takes for run in _whole_runs(take)), default=None, key=lambda run: run[0])
    eighths = sum(one.eighths or 0 for one in others)
    run_s = (found[0] + _SECOND_NS // 2) // _SECOND_NS if found else None
    return CreditProposal(
        eighths=None if scene.eighths is None else max(0, scene.eighths - eighths),
        seconds=None if run_s is None else max(0, run_s - sum(one.seconds or 0 for one in others)),
        run_s=run_s,
        take=found[1].label if found else "",
        run_estimated=found is not None and found[1].timing_estimated,
    )


def _whole_runs(take: Take) -> list[tuple[int, Take]]:
    """Length in nanoseconds of each run that is one of the whole scene."""
    if take.status is not Status.CIRCLED or take.state is not State.CUT or take.kind not in _WHOLE or take.deleted:
        return []
    if not take.runs:
        return [(take.cut_ns - take.rolled_ns, take)] if take.cut_ns is not None else []
    return [(run.cut_ns - run.action_ns, take) for run in take.runs if run.cut_ns is not None]
