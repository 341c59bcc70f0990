"""These tests keep what they make in memory."""

from __future__ import annotations

from tests.in_memory import disk, memory, tmp_path

__all__ = ["disk", "memory", "tmp_path"]
