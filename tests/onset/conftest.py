"""These tests keep what they make on a disk, and it goes with them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.in_memory import Memory, disk

__all__ = ["disk"]


@pytest.fixture
def tmp_path(disk: Memory) -> Path:
    """A folder of this test."""
    return disk.folder()
