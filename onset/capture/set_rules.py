"""What each device may do to takes: propose or start a roll, cut, follow. From `config.toml`.

Used by from_set.py and decks.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from onset.config import Config

LAMPS = frozenset({"trigger", "sim-trigger"})  # kinds of which not the tape follows a take, but a lamp
Trust = Literal["off", "propose", "start"]


@dataclass(frozen=True, slots=True)
class Rule:
    """What a device may do.

    Attributes:
        roll: `off`, `propose` or `start`.
        cuts: it may also cut a take that a person rolled.
        camera: the camera whose clips it records.
        follows: it records when a take rolls, because it is told to; its own stop then says nothing.
        lights: a lamp of its own follows the takes; what it says of its tally or its buttons counts as ever.
    """

    roll: Trust = "propose"
    cuts: bool = False
    camera: str = ""
    follows: bool = False
    lights: bool = False


def rules_of(config: Config) -> dict[str, Rule]:
    """The rules of a production, by device; of a mixer's timecode by `<DEVICE>.ltc`."""
    rules = {}
    named = config.capture.roll_from
    for device in config.devices:
        camera, cuts = device.camera or device.name, device.cut_from_set == "cut"
        trust: Trust = device.roll_from_set if named is None or device.name in named else "off"
        lamp = device.kind in LAMPS
        follows, lights = device.follow and not lamp, device.follow and lamp
        rules[device.name] = Rule(trust, cuts, camera, follows, lights)
        if f"{device.name}.ltc" in (named or ()):
            rules[f"{device.name}.ltc"] = Rule(device.roll_from_set, cuts, camera)
    return rules
