"""The script: scenes, and the setups they are shot in: a part of the `Logbook` of `protocol.py`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from onset.domain.scene import Scene, Setup
from onset.domain.script import ScriptDiff, ScriptElement, ScriptScene, ScriptVersion
from onset.logbook.terms import UNSET, SetupPlan, Unset, Value


class ScriptDepartment(Protocol):
    """The script: scenes, and the setups they are shot in."""

    def set_setup(
        self,
        slate: str,
        fields: Mapping[str, Value],
        *,
        scene: str | None = None,
        episode: str | Unset | None = UNSET,
        cameras: Mapping[str, Mapping[str, Value]] | None = None,
    ) -> Setup:
        """Change a setup and how its cameras stand, in one edit; made where there is none.

        Args:
            slate: its slate.
            fields: see `onset.logbook.fields.SETUP_FIELDS`.
            scene: the scene it belongs to; read from the slate where not given.
            episode: of its scene; UNSET: the board's.
            cameras: letter to fields, see `onset.logbook.fields.CAMERA_SETUP_FIELDS`.
        """
        ...

    def set_camera_setup(self, slate: str, camera: str, fields: Mapping[str, Value]) -> Setup: ...

    def plan_setup(
        self,
        name: str,
        fields: Mapping[str, Value],
        *,
        scene: str,
        episode: str | None = None,
        cameras: Mapping[str, Mapping[str, Value]] | None = None,
    ) -> Setup:
        """Plan a setup that has no slate yet, under a working name; the same name in that scene changes the plan."""
        ...

    def plan_setups(self, plans: Sequence[SetupPlan]) -> Sequence[Setup]:
        """Take a shot list in, in one edit: each as `plan_setup` would; returns all planned setups."""
        ...

    def slate_plan(self, name: str, slate: str, *, scene: str | None = None, episode: str | None = None) -> Setup:
        """The planned setup of that working name is shot as `slate`.

        A setup that this slate has already keeps what was said of it, and takes from the plan what it lacks.

        Raises:
            RefusedError: no such plan, or several scenes have one.
        """
        ...

    def set_scene(self, number: str, fields: Mapping[str, Value], *, episode: str | None = None) -> Scene:
        """Change a scene; made where there is none. See `onset.logbook.fields.SCENE_FIELDS`."""
        ...

    def take_script(
        self,
        version: ScriptVersion,
        scenes: Sequence[ScriptScene],
        elements: Sequence[ScriptElement] = (),
        *,
        preview: bool = False,
    ) -> ScriptDiff:
        """Take a version of the script in, in one edit. Scenes that are gone become omitted; a scene that was omitted
        and is there again is restored; scenes that were typed in by hand are left alone, and all credits.

        Args:
            version: its name and where it came from.
            scenes: all scenes of that script (of that episode), in its order.
            elements: its paragraphs, in its order; none: those of the version before stay.
            preview: only say what it would change.

        Raises:
            RefusedError: no scenes, a number or a key twice, text of no scene, or a value that the log cannot hold;
                nothing was written.
        """
        ...

    def versions(self) -> Sequence[ScriptVersion]:
        """Versions of all scripts, as they came in."""
        ...

    def script_elements(self, number: str, *, episode: str | None = None) -> Sequence[ScriptElement]:
        """The paragraphs of a scene."""
        ...

    def rehearsal(self, duration_ns: int, *, unit: str = "Main") -> Setup:
        """The proposed setup was rehearsed for so long; kept on the setup and on its scene, in one edit.

        Raises:
            RefusedError: the board has no slate yet.
        """
        ...

    def setup(self, slate: str, *, episode: str | Unset | None = UNSET) -> Setup | None: ...

    def setups(self, *, scene: str | None = None) -> Sequence[Setup]:
        """Setups that have a slate, in the order of their slates."""
        ...

    def planned_setups(self) -> Sequence[Setup]:
        """Those on the shot list, whether shot or not; the last those that have no slate yet."""
        ...

    def scene(self, number: str, *, episode: str | None = None) -> Scene | None: ...

    def scenes(self) -> Sequence[Scene]:
        """All scenes of all episodes in the order of the script, omitted ones too."""
        ...
