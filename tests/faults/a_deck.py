"""A simulated HyperDeck as a program of its own, that can be stopped and killed: `python -m tests.faults.a_deck PORT`.

Lines on its input are faults: `garbage 2` for two seconds of noise; `press` and `release` are its own record button.
"""

from __future__ import annotations

import sys

from devices.hyperdeck_lines import Command
from devices.simulated.hyperdeck import KINDS, DeckServer
from devices.simulated.hyperdeck_deck import SimulatedDeck
from devices.simulated.script import Script
from onset.clock import SystemClock
from tests.devices.sources import surroundings


def main() -> None:
    """Serve until the input closes."""
    around = surroundings(clock=SystemClock())
    script = Script("DECK", KINDS, 0.04)
    deck = SimulatedDeck(around, script, prefix="A001", minutes=60.0)
    server = DeckServer(around, deck, script, "DECK", int(sys.argv[1]))
    sys.stdout.write("listening\n")
    sys.stdout.flush()
    for line in sys.stdin:
        kind, _, seconds = line.strip().partition(" ")
        if kind in ("press", "release"):
            deck.obey(Command("record" if kind == "press" else "stop"))
        else:
            script.add(kind, deck.seconds, {"seconds": seconds})
    server.close()


if __name__ == "__main__":
    main()
