"""What a test needs from the machine; used by every test that is not pure Python.

In CI a missing component is a failure, because a skipped check proves nothing; on a laptop the test is skipped and
says what to install.
"""

from __future__ import annotations

import os
import shutil
from typing import NoReturn

import pytest


def lacking(reason: str) -> NoReturn:
    """End this test: failed in CI, skipped elsewhere."""
    if os.environ.get("CI"):
        pytest.fail(f"needed in CI: {reason}", pytrace=False)
    pytest.skip(reason)


def require(program_or_condition: str | bool, reason: str = "") -> None:
    """Go on only if a program is on the path, or a condition holds.

    Args:
        program_or_condition: a program's name, or whether the thing is there.
        reason: what is lacking and how to get it.
    """
    if isinstance(program_or_condition, str):
        if shutil.which(program_or_condition) is None:
            lacking(reason or f"{program_or_condition} is not installed")
    elif not program_or_condition:
        lacking(reason)
