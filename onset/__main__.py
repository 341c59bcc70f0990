"""`python -m onset` and the `onset` command."""

from __future__ import annotations

import sys

from onset.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
