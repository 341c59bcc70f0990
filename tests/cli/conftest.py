"""These tests keep what they make in memory; those of the offload begin with the card and targets of its engine."""

from __future__ import annotations

from tests.in_memory import disk, memory, tmp_path
from tests.onset.offload.conftest import card, targets

__all__ = ["card", "disk", "memory", "targets", "tmp_path"]
