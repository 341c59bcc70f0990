"""The dark set: red and amber on true black, no white areas (a laptop beside a camera must not light a face)."""

from __future__ import annotations

from textual.theme import Theme

AMBER = "#e8a33d"
RED = "#d13438"

DARK_SET = Theme(
    name="dark-set",
    primary=AMBER,
    secondary="#8a6a3a",
    warning=AMBER,
    error=RED,
    success="#8fa860",
    accent=RED,
    foreground="#c9a77a",
    background="#000000",
    surface="#000000",
    panel="#140d08",
    boost="#1c120a",
    dark=True,
    variables={
        "border": "#5a4020",
        "border-blurred": "#33240f",
        "input-cursor-background": AMBER,
        "input-cursor-foreground": "#000000",
        "input-selection-background": "#5a4020",
        "scrollbar": "#3a2a16",
        "scrollbar-hover": "#5a4020",
        "scrollbar-active": AMBER,
        "scrollbar-background": "#000000",
        "scrollbar-background-hover": "#000000",
        "scrollbar-background-active": "#000000",
        "scrollbar-corner-color": "#000000",
        "text-disabled": "#6b5434",
    },
)
