"""These tests keep what they make in memory."""

from __future__ import annotations

from tests.in_memory import memory, tmp_path

__all__ = ["memory", "tmp_path"]
