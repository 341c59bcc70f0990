"""What the footer of the Review screen names: the keys of what is under the cursor, and whom they are about."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tui.screens.review import ReviewScreen


def named_keys(screen: ReviewScreen) -> Sequence[tuple[str, str]]:
    """Actions (without `review.`) and their words; a part that wishes for others has only those."""
    for part in screen.parts:
        if (wished := part.hints()) is not None:
            return wished
    narrow = [
        ("only_open", "all" if screen.narrowing.only_open else "only open"),
        ("find", "find"),
        ("filters", "filters"),
    ]
    row = screen.row
    name = row.label if row is not None else "-"
    if row is not None and row.stray is not None:
        return [("other", f"its take, for {name}"), ("explain", "explain"), *narrow]
    opens = [("open", "plays it")] if screen.links.playable else []
    if row is not None and not screen.inside:
        opens = [("open", f"opens {name}")]
    selected = f" {screen.selecting.named}" if screen.selecting.count else ""
    linking = [*opens, ("confirm", "link"), ("refuse", "refuse"), ("other", "other file"), ("explain", "explain")]
    judging = [
        ("circle", f"{screen.judging.voter} circles{selected}"),
        ("hold", "holds"),
        ("ng", "no good"),
        ("tag", "tag"),
    ]
    return [
        *(judging + linking if selected else linking + judging),  # links are never decided of several at once
        ("beside", "side by side"),
        *([] if screen.tall else [("pictures", "pictures")]),
        *narrow,
    ]
