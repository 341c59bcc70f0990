"""The targets as a screen shows them: there or not, free, full in how many cards, how fast the last copies were.

Used by the Offload screen; looked at in a thread of its own.
"""

from __future__ import annotations

from collections.abc import Sequence

from onset.domain.measures import in_bytes
from onset.offload.forecast import TargetNow
from onset.offload.place import Target
from onset.targets import TargetConfig
from onset.text import safe_text
from tui.widgets.lines import fitted
from tui.widgets.rows import Row

_MANY = 99  # further ahead nobody looks


def as_targets(targets: Sequence[TargetConfig]) -> list[Target]:
    """Those of the configuration as the offload knows them."""
    return [
        Target(each.path, "", each.name, each.disk, each.volume, each.removable, at_once=each.at_once)
        for each in targets
    ]


def target_rows(targets: Sequence[TargetNow] | None, *, silent: bool) -> list[Row]:
    """A row a target.

    Args:
        targets: None while nobody has looked.
        silent: a disk does not answer, so that this is old.
    """
    old = [Row("a disk does not answer; what stands here is old", alarm=True)] if silent else []
    if targets is None:
        return old or [Row("looking …", faint=True)]
    rows = sorted(
        (_row(each) for each in targets), key=lambda row: not row.alarm
    )  # what is wrong is never below the edge
    return [*old, *(rows or [Row("no [[target]] in config.toml; folders are typed", faint=True)])]


def _row(target: TargetNow) -> Row:
    name = fitted(safe_text(target.name), 10)
    if target.away:
        return Row(
            f"{name} NOT THERE: {safe_text(target.away).replace(' and start again', '').partition(' (')[0]}", alarm=True
        )
    parts = [f"{in_bytes(target.free)} free"]
    if target.ahead:
        parts.append(f"{in_bytes(max(0, target.free - target.ahead))} after jobs")
    parts.append(full_in(target))
    if target.bytes_per_s is not None:
        parts.append(f"at {in_bytes(target.bytes_per_s)}/s")
    return Row(f"{name} {'  '.join(each for each in parts if each)}", alarm=target.cards == 0)


def full_in(target: TargetNow) -> str:
    """`full in 2 cards`; empty where nobody knows what a card holds."""
    if target.cards is None:
        return ""
    if target.cards == 0:
        return "NO ROOM for one more card"
    if target.cards > _MANY:
        return f"full in {_MANY}+ cards"
    return f"full in {target.cards} card{'s'[: target.cards != 1]}"
