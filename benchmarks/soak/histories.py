"""Hundreds of days with histories that hypothesis makes up, and their offloaded copies, judged by other programs.

Run by `make soak` (`python -m benchmarks.soak.histories DAYS` for another number); each run makes other days. The ASC
MHL reference tool, the schemas and xxhsum judge; a history that one of them refuses ends this with the acts that lead
to it.
"""

from __future__ import annotations

import sys
import time

from hypothesis import HealthCheck, Phase, given, settings

from tests.onset.mhl.days import ACTS, Act
from tests.real.test_mhl_days import judge

_DAYS = 300
_PHASES = (Phase.explicit, Phase.generate, Phase.shrink)  # nothing is kept of earlier runs


def main() -> int:
    """Print a line when all were accepted."""
    days = int(sys.argv[1]) if len(sys.argv) > 1 else _DAYS
    longest = 0

    @settings(max_examples=days, deadline=None, database=None, phases=_PHASES, suppress_health_check=list(HealthCheck))
    @given(ACTS)
    def judged(acts: list[Act]) -> None:
        nonlocal longest
        judge(acts)
        longest = max(longest, len(acts))

    started = time.monotonic()
    judged()
    print(f"{days} days of up to {longest} acts and their copies accepted in {time.monotonic() - started:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
