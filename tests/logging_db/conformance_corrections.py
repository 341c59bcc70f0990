"""Slating, corrections and camera data together: what conformance.py takes in as one."""

from __future__ import annotations

from tests.logging_db.conformance_cameras import CopiedCameraData, WhatCamerasHold
from tests.logging_db.conformance_labels import LabelsThatCanBeTyped
from tests.logging_db.conformance_moving import SeveralAtOnce, WrongSlate
from tests.logging_db.conformance_shifting import MovedInTime
from tests.logging_db.conformance_slating import FalseStarts, NextSlates


class TakesPutRight(
    LabelsThatCanBeTyped,
    FalseStarts,
    NextSlates,
    SeveralAtOnce,
    WrongSlate,
    MovedInTime,
    WhatCamerasHold,
    CopiedCameraData,
):
    """All of it."""
