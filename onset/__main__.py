"""`python -m onset` and the `onset` command."""

from __future__ import annotations

import gc
import sys
from collections.abc import Sequence

from onset.cli import main as command_line

# Modules that are loaded hold few circles that nobody needs, and Python looks through them again and again while they
# come and once more at the end: a quarter of the processor time of a command that logs a take.
_SELDOM = (10_000, 10, 10)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command of this process; see `onset.cli.main.main`."""
    gc.set_threshold(*_SELDOM)
    try:
        return command_line.main(argv)
    finally:
        gc.freeze()


if __name__ == "__main__":
    sys.exit(main())
