"""How a simulated day is shot and seen, as frozen values: an ordinary day by default, a fault is another plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from tests.onset.match.true_day import Events


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockPlan:
    """How a device's timecode runs against the real time.

    Attributes:
        ratio: its seconds for a real one; `jammed`: it was right at the beginning of the day, else at midnight.
        jump_s: jumps by so much once, at `jump_at` of the day's takes.
        drop_as_nondrop: shows drop-frame labels, which are read as non-drop ones.
        rec_run: `restart` (each card begins anew) or `continue`; empty: it runs free.
    """

    offset_s: float = 0.0
    ratio: Fraction = Fraction(1)
    jammed: bool = False
    jump_s: float = 0.0
    jump_at: float = 0.5
    drop_as_nondrop: bool = False
    rec_run: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A day and how it is seen; a fault is another plan. Rates are shares of takes.

    Attributes:
        logger_off_s: the logging machine's clock, and with `label_source` "clock" its labels too.
        label_source: None: takes have no label; `labels_change`: it is another one from the middle of the day on.
        label_clock: the device whose timecode is the label, with all that is wrong with it.
        late_keys: takes for which the key came 5 to 40 s after the fact, at the roll or at the cut.
        unlogged: takes without a row; `afterwards`: rows typed from memory.
        preroll_s: the recorder keeps so much from before its key; `declared`: and its files say so.
        offspeed: clips whose length is counted at another speed than they ran.
        wrong_rolls: cards for which another roll was typed; `twins`: two cards of B carry one name.
        nameless: a card of B of which nothing but the reel tells whose it is.
        cameras_noted: the log says which cameras were in a take.
        names: sound files say scene and take (and clips, with `clip_names`); `misspelt` of them say something else.
        misslated: takes whose slate was wrong; `noticed`: and the log says so.
        reports: camera reports name clips; `misreported` of the rows name another one.
    """

    events: Events = field(default_factory=Events)
    clocks: Mapping[str, ClockPlan] = field(default_factory=dict)
    logger_off_s: float = 0.0
    label_source: str | None = "SYNC.ltc"
    labels_change: bool = False
    label_clock: str | None = None
    late_keys: float = 0.0
    unlogged: float = 0.0
    afterwards: float = 0.0
    preroll_s: float = 0.0
    declared: bool = False
    offspeed: float = 0.0
    wrong_rolls: float = 0.0
    twins: bool = False
    nameless: bool = False
    cameras_noted: bool = True
    names: bool = False
    clip_names: bool = False
    misspelt: float = 0.0
    misslated: float = 0.0
    noticed: bool = False
    compound: bool = False
    reports: bool = False
    misreported: float = 0.0

    def clock(self, device: str) -> ClockPlan:
        """The clock of a device, a right one where nothing is planned."""
        return self.clocks.get(device, ClockPlan())
