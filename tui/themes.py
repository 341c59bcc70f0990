"""The colours of the screens: three themes, each with steps of brightness.

Used by the app and the village's board. `dark` is red and amber on true black, without white areas (a laptop beside a
camera must not light a face); `day` is dark on light, for the sun; `high contrast` is for eyes that need it. What a
colour says is always written too. The steps end where text could not be read: every colour of text keeps a contrast of
3:1 (WCAG 2.1, 1.4.3, for large text) with what it stands on, `day` and `high contrast` at full brightness 4.5:1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from textual.color import Color
from textual.theme import Theme

BRIGHTEST = 6
_DARKEST = {"dark": 0.5, "day": 0.7, "high contrast": 0.5}  # what is left of each channel at the lowest brightness
_READABLE = 3.0


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours of a theme at full brightness, as `#rrggbb`.

    Attributes:
        text: what is said; `strong`: slate, circled, keys; `label`: what stands beside; `faint`: no good, not in use.
        alarm: rolling and alarms; `doubt`: proposals, stand-ins. Bars of these carry letters in the colour of `ground`.
        ground: the background; `raised`: under the cursor and a bar at rest; `field`: what is typed into.
        line: borders and scrollbars; nothing is read from them.
    """

    text: str
    strong: str
    label: str
    faint: str
    alarm: str
    doubt: str
    ground: str
    raised: str
    field: str
    line: str

    @property
    def letters(self) -> tuple[str, ...]:
        """What text is drawn in."""
        return (self.text, self.strong, self.label, self.faint, self.alarm, self.doubt)

    @property
    def grounds(self) -> tuple[str, ...]:
        """What it is drawn on."""
        return (self.ground, self.raised, self.field)


PALETTES: Mapping[str, Palette] = {
    "dark": Palette(
        text="#c9a77a", strong="#e8a33d", label="#9a7642", faint="#80663f", alarm="#d13438", doubt="#e8a33d",
        ground="#000000", raised="#1c120a", field="#140d08", line="#5a4020",
    ),
    "day": Palette(
        text="#000000", strong="#003a8c", label="#3f3f3f", faint="#575757", alarm="#a8001c", doubt="#8a4300",
        ground="#ffffff", raised="#dde6f2", field="#ececec", line="#8a8a8a",
    ),
    "high contrast": Palette(
        text="#ffffff", strong="#ffff00", label="#dcdcdc", faint="#bdbdbd", alarm="#ff6464", doubt="#ffb000",
        ground="#000000", raised="#2b2b45", field="#1c1c1c", line="#ffffff",
    ),
}  # fmt: skip


def theme(name: str, brightness: int = BRIGHTEST) -> Theme:
    """A theme at a brightness from 1 to `BRIGHTEST`, as Textual wants it."""
    worn = palette(name, brightness)
    rail = {f"scrollbar-{part}": worn.ground for part in ("background", "background-hover", "background-active")}
    return Theme(
        name=f"{name} {brightness}",
        primary=worn.strong,
        secondary=worn.label,
        warning=worn.doubt,
        error=worn.alarm,
        success=worn.text,
        accent=worn.alarm,
        foreground=worn.text,
        background=worn.ground,
        surface=worn.ground,
        panel=worn.field,
        dark=_luminance(worn.ground) < 0.5,
        variables={
            "raised": worn.raised,  # Textual's own `boost` is transparent whatever a theme says
            "text-disabled": worn.faint,
            "border": worn.line,
            "border-blurred": worn.line,
            "input-cursor-background": worn.strong,
            "input-cursor-foreground": worn.ground,
            "input-selection-background": worn.raised,
            "scrollbar": worn.line,
            "scrollbar-hover": worn.label,
            "scrollbar-active": worn.strong,
            "scrollbar-corner-color": worn.ground,
            **rail,
        },
    )


def palette(name: str, brightness: int = BRIGHTEST) -> Palette:
    """The colours of a theme at a brightness from 1 to `BRIGHTEST`; those of text no further than they can be read."""
    full = PALETTES[name]
    factor = 1 - (1 - _DARKEST[name]) * (BRIGHTEST - brightness) / (BRIGHTEST - 1)
    ground, raised, field = grounds = [_scaled(each, factor) for each in full.grounds]
    text, strong, label, faint, alarm, doubt = (_readable(each, factor, grounds) for each in full.letters)
    return Palette(text, strong, label, faint, alarm, doubt, ground, raised, field, _scaled(full.line, factor))


def contrast(one: str, other: str) -> float:
    """How far two colours differ, 1 to 21 (WCAG 2.1, contrast ratio).

    >>> round(contrast("#000000", "#ffffff"), 1), round(contrast("#777777", "#ffffff"), 2)
    (21.0, 4.48)
    """
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    """WCAG 2.1, relative luminance, 0 to 1."""
    red, green, blue = (
        each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in Color.parse(colour).normalized
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _scaled(colour: str, factor: float) -> str:
    red, green, blue = (min(255, round(each * factor)) for each in Color.parse(colour).rgb)
    return Color(red, green, blue).hex.lower()


def _readable(colour: str, factor: float, grounds: Sequence[str]) -> str:
    """The colour at `factor`, or at the next one at which it can be read on all these."""
    lighter = _luminance(grounds[0]) < 0.5
    while min(contrast(_scaled(colour, factor), ground) for ground in grounds) < _READABLE and 0 < factor < 1:
        factor += 0.01 if lighter else -0.01
    return _scaled(colour, factor)
