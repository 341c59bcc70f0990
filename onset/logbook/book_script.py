"""The script: scenes, and the setups they are shot in: a part of the `Logbook` of `protocol.py`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from onset.domain.scene import Scene, Setup
from onset.logbook.terms import Value


class ScriptDepartment(Protocol):
    """The script: scenes, and the setups they are shot in."""

    def set_setup(self, slate: str, fields: Mapping[str, Value], *, scene: str | None = None) -> Setup: ...

    def set_camera_setup(self, slate: str, camera: str, fields: Mapping[str, Value]) -> Setup: ...

    def set_scene(self, number: str, fields: Mapping[str, Value], *, episode: str | None = None) -> Scene: ...

    def rehearsal(self, duration_ns: int, *, unit: str = "Main") -> Setup:
        """The proposed setup was rehearsed for so long; kept on the setup and on its scene, in one edit.

        Raises:
            RefusedError: the board has no slate yet.
        """
        ...

    def setup(self, slate: str) -> Setup | None: ...

    def setups(self, *, scene: str | None = None) -> Sequence[Setup]: ...

    def scene(self, number: str, *, episode: str | None = None) -> Scene | None: ...
