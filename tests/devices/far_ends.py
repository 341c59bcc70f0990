"""A 9-pin deck or a trigger box as another program, which can be stopped and killed: `far_ends.py deck|box LINK`.

LINK leads to its port while it runs. Lines of standard input, `kind seconds`, let things go wrong with it.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from devices.adapter import Options
from devices.simulated.deck_9pin import SimulatedDeck
from devices.simulated.pty_end import PtyEnd
from devices.simulated.trigger import SimulatedBox
from onset.clock import SystemClock
from tests.devices.sources import surroundings


def main(what: str, link: Path) -> None:
    """Serve until the input ends."""
    around, options = surroundings(clock=SystemClock()), Options("FAR", {})
    far = SimulatedDeck("FAR", options, around) if what == "deck" else SimulatedBox("FAR", options, around)
    end = PtyEnd("far end", far.hear, pause_s=0.02)
    new = link.with_name(f"{link.name}.new")
    new.symlink_to(end.path)
    os.replace(new, link)
    for line in sys.stdin:
        kind, seconds = line.split()
        far.script.add(kind, far.seconds(), {"seconds": seconds})
    end.pull()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
